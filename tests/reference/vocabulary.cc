#include "reference/vocabulary.h"

#include "source_dir.h"

namespace anomalyvlm::golden {

std::filesystem::path find_vocabulary(const GoldenCase& golden, const std::string& name) {
  namespace fs = std::filesystem;
  const fs::path dir = fs::absolute(golden.dir).lexically_normal();
  const std::string named = golden.info.value("vocab", "");
  if (!named.empty() && fs::exists(dir / named)) return dir / named;
  const fs::path file = named.empty() ? fs::path(name) : fs::path(named).filename();
  for (const fs::path& root : {dir, dir / "..", dir / ".." / "..", test::source_dir() / "../shared/golden"})
    if (fs::exists(root / "vocab" / file)) return root / "vocab" / file;
  fail(ErrorKind::kIo,
       "{}: the vocabulary {} is neither there nor in a folder vocab beside the kinds of cases.",
       golden.dir.string(), file.string());
}

}  // namespace anomalyvlm::golden
