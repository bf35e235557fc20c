// The heuristic of ftfy 6.1: some 400 characters occur in misread UTF-8; by their kinds, few of them stand
// side by side in text as it was meant.
#include "text/misread_rules.h"

#include <vector>

#include "text/mojibake.h"
#include "text/patterns.h"
#include "text/unicode.h"

namespace anomalyvlm {
namespace {

// Kinds of characters; a character may be of several.
enum Kind : unsigned {
  kCommon = 1 << 0,  // on their own no sign of anything
  kC1 = 1 << 1,
  kBad = 1 << 2,  // hardly used but for this
  kCurrency = 1 << 3,
  kOpening = 1 << 4,  // punctuation
  kClosing = 1 << 5,
  kNumeric = 1 << 6,
  kFaces = 1 << 7,  // letters of which faces are made
  kUpperAccented = 1 << 8,
  kLowerAccented = 1 << 9,
  kUpperCommon = 1 << 10,  // Greek and Cyrillic, which may well end words
  kLowerCommon = 1 << 11,
  kBox = 1 << 12,
  kSmall = 1 << 13,    // a-z
  kCapital = 1 << 14,  // A-Z
  kSpace = 1 << 15,
  kWord = 1 << 16,  // letters and numbers of any script
  kNotAsciiLetter = 1 << 17,
  kWithinLine = 1 << 18,  // all but a line feed
  kAccented = kUpperAccented | kLowerAccented,
};

struct KindOf {
  unsigned kind;
  std::u32string_view characters;
};

constexpr KindOf kKinds[] = {
    {kCommon, U"\u00A0\u00AD\u00B7\u00B4\u2013\u2014\u2015\u2026\u2019"},
    {kC1, U"\x80-\x9F"},
    {kBad, U"¦¤¨¬¯¶§¸ƒˆˇ˘˛˜†‡‰⌐◊\uFFFDªº"},
    {kCurrency, U"¢£¥₧€"},
    {kOpening, U"¡«¿©΄΅‘‚“„•‹\uF8FF"},
    {kClosing, U"®»\u02DD”›™"},
    {kNumeric, U"²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№"},
    {kFaces, U"Ò-ÖÙ-Üò-öø-üŐ°"},
    {kUpperAccented, U"À-ÑØÜÝĂĄĆČĎĐĘĚĞİĹĽŁŃŇŒŘŚŞŠŢŤŮŰŸŹŻŽҐ"},
    {kLowerAccented, U"ßà-ñăąćčďđęěğĺľłœŕśşšťüźżžґﬁﬂ"},
    {kUpperCommon, U"ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я"},
    {kLowerCommon, U"α-ωάέήίΰа-џ"},
    {kBox, U"│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓"},
    {kSmall, U"a-z"},
    {kCapital, U"A-Z"},
};

unsigned kinds_of(char32_t c) {
  unsigned kinds = c == '\n' ? 0U : kWithinLine;
  for (const KindOf& kind : kKinds)
    if (is_in(kind.characters, c)) kinds |= kind.kind;
  if ((kinds & (kSmall | kCapital)) == 0) kinds |= kNotAsciiLetter;
  if (is_white_space(c) || (c >= 0x1C && c <= 0x1F)) kinds |= kSpace;
  if (is_letter(c) || is_number(c) || c == '_') kinds |= kWord;
  return kinds;
}

// What may be at one place of a rule: characters of some kinds, and some more.
struct Place {
  unsigned kinds = 0;
  std::u32string_view also = {};
  bool empty() const { return kinds == 0 && also.empty(); }
};

constexpr Place any_of(unsigned kinds, std::u32string_view also = {}) { return {kinds, also}; }
constexpr Place any_of(std::u32string_view characters) { return {0, characters}; }

constexpr unsigned kMarks = kBox | kOpening | kClosing | kCurrency | kNumeric;
constexpr Place kArabic = any_of(kCommon | kCurrency | kBad | kNumeric | kOpening, U"ŸŠ®°µ»");
constexpr Place kCyrillicMark = any_of(kC1 | kBad | kOpening | kClosing | kCurrency, U"°µ");
constexpr Place kGreekMark = any_of(kC1 | kBad | kOpening | kClosing | kCurrency, U"°");

constexpr Place kRules[][6] = {
    {any_of(kC1)},
    {any_of(kBad | kAccented | kMarks), any_of(kBad)},
    {any_of(kSmall | kCapital), any_of(kLowerCommon | kUpperCommon), any_of(kBad)},
    {any_of(kBad), any_of(kAccented | kMarks)},
    {any_of(kLowerAccented | kLowerCommon | kBox | kClosing | kCurrency | kNumeric), any_of(kUpperAccented)},
    {any_of(kBox | kClosing | kCurrency | kNumeric), any_of(kLowerAccented)},
    {any_of(kLowerAccented | kBox | kClosing), any_of(kCurrency)},
    {any_of(kSpace), any_of(kUpperAccented), any_of(kCurrency)},
    {any_of(kUpperAccented | kBox), any_of(kNumeric)},
    {any_of(kAccented | kBox | kCurrency | kClosing), any_of(kOpening), any_of(kNumeric)},
    {any_of(kAccented | kCurrency | kNumeric | kBox), any_of(kClosing), any_of(kOpening)},
    {any_of(kCurrency | kNumeric | kBox), any_of(kOpening)},
    {any_of(kSmall), any_of(kUpperAccented), any_of(kOpening | kCurrency)},
    {any_of(kBox), any_of(kFaces)},
    {any_of(kAccented | kCurrency | kNumeric | kOpening | kClosing), any_of(kBox)},
    {any_of(kBox), any_of(kClosing)},
    {any_of(kAccented), any_of(kClosing), any_of(kWord)},
    {any_of(U"Œœ"), any_of(kNotAsciiLetter)},
    // read as Windows-1252
    {any_of(U"ÂÃÎÐ"), any_of(kOpening | kClosing, U"€Šš¢£Ÿž\u00A0\u00AD®©°·»–—´")},
    {any_of(U"×"), any_of(U"²³")},
    {any_of(U"ØÙ"), kArabic, any_of(U"ØÙ"), kArabic},
    {any_of(U"à"), any_of(U"²µ¹¼½¾")},
    {any_of(U"Ã"), any_of(U"\u00A0¡")},
    {any_of(kSmall), any_of(U"ÃÂ"), any_of(U" ")},
    {any_of(kSmall), any_of(kSpace), any_of(U"ÃÂ"), any_of(U" ")},
    {any_of(kSmall | kClosing, U".,?!"), any_of(U"Â"), any_of(kOpening | kClosing, U" ")},
    // as MacRoman
    {any_of(U"√"), any_of(U"±∂†≠®™´≤≥¥µø")},
    {any_of(U"≈"), any_of(U"°¢")},
    {any_of(U"‚"), any_of(U"Ä"), any_of(U"ìîïòôúùû†°¢π")},
    {any_of(U"‚"), any_of(U"âó"), any_of(U"àä°ê")},
    // as Windows-1251
    {any_of(U"в"), any_of(U"Ђ")},
    {any_of(U"ВГРС"), kCyrillicMark, any_of(U"ВГРС")},
    {any_of(U"Г"), any_of(U"ў"), any_of(U"В"), any_of(U"Ђ"), any_of(U"В"), any_of(kWithinLine)},
    // as Windows-1253
    {any_of(U"β"), any_of(U"€"), any_of(U"™\u00A0Ά\u00AD®°")},
    {any_of(U"ΒΓΞΟ"), kGreekMark, any_of(U"ΒΓΞΟ")},
};

struct Seen {
  char32_t character;
  unsigned kinds;
};

bool fits(const Place& place, const Seen& seen) {
  return (place.kinds & seen.kinds) != 0 || is_in(place.also, seen.character);
}

// The number of places that fit the text from `begin` on; 0 if one does not.
std::size_t fitting(const Place (&rule)[6], const std::vector<Seen>& text, std::size_t begin) {
  std::size_t n = 0;
  for (; n < 6 && !rule[n].empty(); ++n)
    if (begin + n >= text.size() || !fits(rule[n], text[begin + n])) return 0;
  return n;
}

// What the bytes C2 .. DF, E0 .. EF, F0 and F3, and 80 .. BF become. A blank may have been the byte A0.
constexpr std::u32string_view kFirstOf2 =
    U"ÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßĂĆČĎĐĘĚĞİĹŃŇŐŘŞŢŮŰ"
    U"ΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ";
constexpr std::u32string_view kFirstOf3 = U"àáâãäåæçèéêëìíîïăćčďęěĺŕΰαβγδεζηθικλμνξοабвгдежзийклмноп";
constexpr std::u32string_view kFirstOf4 = U"ðóđğπσру";
constexpr std::u32string_view kContinuationOnly =
    U"\x80-\xBFĄąĽľŁłŒœŚśŞşŠšŤťŸŹźŻżŽžƒˆˇ˘˛˜\u02DD΄΅ΆΈΉΊΌΎΏЁЂЃЄЅІЇЈЉЊЋЌЎЏёђѓєѕіїјљњћќўџҐґ†‡•‰‹›€№™";
constexpr std::u32string_view kContinuation =
    U"\x80-"
    U"\xBFĄąĽľŁłŒœŚśŞşŠšŤťŸŹźŻżŽžƒˆˇ˘˛˜\u02DD΄΅ΆΈΉΊΌΎΏЁЂЃЄЅІЇЈЉЊЋЌЎЏёђѓєѕіїјљњћќўџҐґ†‡•‰‹›€№™–—―‘’‚“”„… ";
constexpr std::u32string_view kSequences[][4] = {
    {kFirstOf2, kContinuation},
    {kFirstOf3, kContinuation, kContinuation},
    {kFirstOf4, kContinuation, kContinuation, kContinuation},
};

}  // namespace

bool looks_misread(std::u32string_view text) {
  std::vector<Seen> seen;
  seen.reserve(text.size());
  for (const char32_t c : text) seen.push_back({c, kinds_of(c)});
  if (text.starts_with(U"Ã ") || text.starts_with(U"Â ")) return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const auto& rule : kRules) {
      const std::size_t length = fitting(rule, seen, i);
      if (length == 0) continue;
      // The last rule of 6 places has a seventh: an ASCII letter or a blank.
      if (length < 6 || (i + 6 < text.size() && is_in(U"A-Za-z ", text[i + 6]))) return true;
    }
  }
  return false;
}

std::size_t length_of_misread(std::u32string_view text, std::size_t begin) {
  if (begin > 0 && is_in(kContinuationOnly, text[begin - 1])) return 0;
  std::size_t length = 0;
  while (const std::size_t next = length_of_match(kSequences, text.substr(begin + length))) length += next;
  return length;
}

}  // namespace anomalyvlm
