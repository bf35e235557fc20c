// Loaded into a test program before it starts: it obeys the locale of its environment, as programs with a
// window do (C, for Qt and GTK) and others choose to (C++). Numbers must be read and written as always.
#include <clocale>
#include <locale>

namespace {

struct ObeyLocale {
  ObeyLocale() {
    std::setlocale(LC_ALL, "");
    std::locale::global(std::locale(""));
  }
} obey_locale;

}  // namespace
