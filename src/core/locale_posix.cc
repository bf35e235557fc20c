#include "core/locale.h"

#include <locale.h>

#include <sstream>

namespace anomalyvlm {

struct ThreadInCLocale::Locales {
  locale_t c = ::newlocale(LC_ALL_MASK, "C", static_cast<locale_t>(nullptr));
  locale_t before = ::uselocale(c);  // of this thread
  ~Locales() {
    ::uselocale(before);
    if (c != nullptr) ::freelocale(c);
  }
};

ThreadInCLocale::ThreadInCLocale() : locales_(std::make_unique<const Locales>()) {}
ThreadInCLocale::~ThreadInCLocale() = default;

bool streams_follow_c_locale() {
  std::ostringstream printed;
  printed << -1234567 << ' ' << 0.25 << ' ' << true;
  if (printed.str() != "-1234567 0.25 1") return false;
  std::istringstream text("0.25 1234567");
  double fraction = 0;
  long whole = 0;
  text >> fraction >> whole;
  return fraction == 0.25 && whole == 1234567;
}

}  // namespace anomalyvlm
