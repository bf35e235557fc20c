// Numbers with their units, and what a share is of.
#include <algorithm>
#include <array>

#include "prompts/grammar.h"

namespace anomalyvlm::prompts {
namespace {

struct UnitWord {
  std::string_view words;
  UnitScale scale;
};

constexpr UnitScale kPercent{MeasureUnit::kPercent, 1, 1}, kPixel{MeasureUnit::kPixel, 1, 1},
    kSquarePixel{MeasureUnit::kSquarePixel, 1, 1}, kMm{MeasureUnit::kMm, 1, 1},
    kSquareMm{MeasureUnit::kSquareMm, 1, 1}, kCm{MeasureUnit::kMm, 10, 1},
    kSquareCm{MeasureUnit::kSquareMm, 100, 1}, kMetre{MeasureUnit::kMm, 1000, 1},
    kMicron{MeasureUnit::kMm, 1, 1000}, kSquareMicron{MeasureUnit::kSquareMm, 1, 1'000'000},
    kInch{MeasureUnit::kMm, 25.4, 1}, kSquareInch{MeasureUnit::kSquareMm, 645.16, 1},
    kMil{MeasureUnit::kMm, 25.4, 1000}, kDegree{MeasureUnit::kDegree, 1, 1};

// Of two with the same beginning, the longer comes first.
constexpr UnitWord kUnits[] = {
    {"%", kPercent},
    {"percent", kPercent},
    {"per cent", kPercent},
    {"px", kPixel},
    {"pixel", kPixel},
    {"pixels", kPixel},
    {"pix", kPixel},
    {"px2", kSquarePixel},
    {"pixel2", kSquarePixel},
    {"pixels2", kSquarePixel},
    {"sq px", kSquarePixel},
    {"square px", kSquarePixel},
    {"square pixel", kSquarePixel},
    {"square pixels", kSquarePixel},
    {"mm2", kSquareMm},
    {"sqmm", kSquareMm},
    {"sq mm", kSquareMm},
    {"square mm", kSquareMm},
    {"square millimetre", kSquareMm},
    {"square millimetres", kSquareMm},
    {"square millimeter", kSquareMm},
    {"square millimeters", kSquareMm},
    {"cm2", kSquareCm},
    {"sq cm", kSquareCm},
    {"square cm", kSquareCm},
    {"square centimetres", kSquareCm},
    {"square centimeters", kSquareCm},
    {"um2", kSquareMicron},
    {"sq um", kSquareMicron},
    {"square um", kSquareMicron},
    {"square microns", kSquareMicron},
    {"square micrometres", kSquareMicron},
    {"square micrometers", kSquareMicron},
    {"in2", kSquareInch},
    {"sq in", kSquareInch},
    {"square in", kSquareInch},
    {"square inch", kSquareInch},
    {"square inches", kSquareInch},
    {"mm", kMm},
    {"millimetre", kMm},
    {"millimetres", kMm},
    {"millimeter", kMm},
    {"millimeters", kMm},
    {"cm", kCm},
    {"centimetre", kCm},
    {"centimetres", kCm},
    {"centimeter", kCm},
    {"centimeters", kCm},
    {"m", kMetre},
    {"metre", kMetre},
    {"metres", kMetre},
    {"meter", kMetre},
    {"meters", kMetre},
    {"um", kMicron},
    {"micron", kMicron},
    {"microns", kMicron},
    {"micrometre", kMicron},
    {"micrometres", kMicron},
    {"micrometer", kMicron},
    {"micrometers", kMicron},
    {"inch", kInch},
    {"inches", kInch},
    {"mil", kMil},
    {"mils", kMil},
    {"thou", kMil},
    {"deg", kDegree},
    {"degree", kDegree},
    {"degrees", kDegree},
};

// "0.5 in" is a length; in "20 px in length" and "5 in the image" the word belongs to what follows.
bool accept_in(Cursor& at) {
  if (!at.is("in")) return false;
  Cursor next = at;
  next.advance();
  constexpr std::array<std::string_view, 8> kAfterUnit = {"long", "wide", "and",  "or",
                                                          "to",   "of",   "from", "are"};
  const bool ends = next.peek().kind != Token::Kind::kWord;
  const bool unit = ends ||
                    std::any_of(kAfterUnit.begin(), kAfterUnit.end(),
                                [&](std::string_view word) { return next.is(word); }) ||
                    next.is("in length") || next.is("in width") || next.is("in diameter") ||
                    begins_predicate(next);
  if (unit) at.advance();
  return unit;
}

bool adjoin(const Token& before, const Token& after) { return before.end == after.begin; }

std::string without_zeros(std::string decimals) {
  decimals.erase(decimals.find_last_not_of('0') + 1);
  if (decimals.back() == '.') decimals.pop_back();
  return decimals;
}

// "1,5 mm" and "1,000 px": in neither reading is the comma one that separates.
void refuse_comma(const Cursor& at) {
  const Token &whole = at.peek(-1), &comma = at.peek(), &rest = at.peek(1);
  const bool written = whole.kind == Token::Kind::kNumber && comma.kind == Token::Kind::kSymbol &&
                       comma.text == "," && rest.kind == Token::Kind::kNumber && adjoin(whole, comma) &&
                       adjoin(comma, rest);
  if (!written) return;
  Cursor behind = at;
  behind.advance();
  behind.advance();
  const auto digits = [](std::string text) {
    std::erase(text, '.');
    return text;
  };
  const auto refuse = [&](const std::string& message) { behind.fail_from(at.position() - 1, message); };
  const std::string thousands = "there is no thousands separator, and the decimal sign is a point: write ";
  if (rest.text.find('.') != std::string::npos) refuse(thousands + whole.text + rest.text);  // "1,000.5"
  if (whole.text.find('.') != std::string::npos)
    refuse(thousands + digits(whole.text) + "." + rest.text);  // "1.000,5"
  const std::string decimal = without_zeros(whole.text + "." + rest.text);
  if (rest.text.size() == 3 && whole.text != "0")
    refuse(thousands + whole.text + rest.text + " or " + decimal);
  refuse("the decimal sign is a point, not a comma: write " + decimal);
}

// "1.234.567 px", which is read as two numbers.
void refuse_points(const Cursor& at) {
  const Token &before = at.peek(-1), &rest = at.peek();
  const bool two =
      before.kind == Token::Kind::kNumber && rest.kind == Token::Kind::kNumber && adjoin(before, rest);
  if (two) at.fail("a number has one decimal point, and there is no thousands separator");
}

// "1.000 px", "2.500 mm": in half of the world those are thousands; not where one measures in inches.
void refuse_thousands(const Cursor& at, int number, const UnitScale& scale) {
  const bool inches = scale.times == kInch.times || scale.times == kSquareInch.times;
  const bool share = scale.unit == MeasureUnit::kPercent || scale.unit == MeasureUnit::kDegree;
  if (inches || share) return;
  const std::string& text = at.sentence().tokens[static_cast<std::size_t>(number)].text;
  const std::size_t point = text.find('.');
  const bool doubtful =
      point != std::string::npos && point > 0 && point <= 3 && text[0] != '0' && text.size() == point + 4;
  if (!doubtful) return;
  std::string digits = text, decimals = without_zeros(text);
  digits.erase(point, 1);
  if (decimals == text) decimals += '0';  // four decimals are no thousands
  at.fail_from(number, "there is no thousands separator: write " + digits + " or " + decimals);
}

bool accept_area_word(Cursor& at) { return at.accept_any({"area", "surface", "size"}); }

// "of the object", "of the object's area", "object area", "of the image", or the object's own name.
Relation accept_relation(Cursor& at) {
  const int start = at.position();
  const bool bracket = at.accept("(");
  const bool of = at.accept("of");
  if (of) {
    at.accept_any({"the area of", "the surface of"});
    at.accept_any({"the", "its", "their", "an", "whole"});
    at.accept("whole");
  }
  Relation relation = Relation::kNone;
  bool named = false;
  if (at.is("object's") || at.is("image's")) {
    relation = at.is("image's") ? Relation::kImage : Relation::kObject;
    at.advance();
    named = accept_area_word(at);
    if (!named) relation = Relation::kNone;  // "of the object's edge"
  } else if (at.accept("inspected object") || at.accept("object") ||
             (of && at.accept_any({"surface", "part", "product", "component", "sample"})) ||
             (of && !at.object().empty() && at.accept(at.object()))) {
    relation = Relation::kObject;
  } else if (at.accept_any({"image", "picture", "photo"})) {
    relation = Relation::kImage;
  }
  named = named || accept_area_word(at);
  const bool edge =
      at.is("edge") || at.is("border") || at.is("boundary");  // "within 5 px of the object edge"
  if (relation == Relation::kNone || edge || (!of && !named) || (bracket && !at.accept(")"))) {
    at.rewind(start);
    return Relation::kNone;
  }
  return relation;
}

}  // namespace

std::optional<UnitScale> accept_unit(Cursor& at) {
  for (const UnitWord& row : kUnits) {
    if (at.accept(row.words)) return row.scale;
  }
  if (accept_in(at)) return kInch;
  return std::nullopt;
}

Measure parse_measure(Cursor& at) {
  Measure measure;
  measure.first = at.position();
  if (at.is("about") || at.is("approximately") || at.is("approx") || at.is("roughly") || at.is("ca") ||
      at.is("around"))
    at.fail("a bound is exact: leave this word out");
  measure.diameter = at.accept(kDiameterSign);
  const auto number = accept_number(at);
  if (!number) at.fail("expected a number here, such as \"5%\" or \"20 px\"");
  refuse_points(at);
  refuse_comma(at);
  measure.value = *number;
  const int unit_at = at.position();
  if (const auto unit = accept_unit(at)) {
    measure.unit = unit->unit;
    measure.value = unit->scaled(*number);
    refuse_thousands(at, unit_at - 1, *unit);
  }
  measure.relation = accept_relation(at);
  measure.last = at.position();
  return measure;
}

}  // namespace anomalyvlm::prompts
