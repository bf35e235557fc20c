#pragma once
// One pair of functions a layout; layouts.cc lists them. is_X: whether the root looks like it,
// by a few names. open_X is called for such roots only; layouts.cc sorts and checks what all have in common.
#include <filesystem>

#include "eval/data/layouts.h"

namespace anomalyvlm::eval {

bool is_mvtec(const std::filesystem::path& root);
Dataset open_mvtec(const std::filesystem::path& root, const DatasetOptions& options);

bool is_visa(const std::filesystem::path& root);
Dataset open_visa(const std::filesystem::path& root, const DatasetOptions& options);

bool is_ksdd2(const std::filesystem::path& root);
Dataset open_ksdd2(const std::filesystem::path& root, const DatasetOptions& options);

bool is_mtd(const std::filesystem::path& root);
Dataset open_mtd(const std::filesystem::path& root, const DatasetOptions& options);

bool is_btad(const std::filesystem::path& root);
Dataset open_btad(const std::filesystem::path& root, const DatasetOptions& options);

bool is_loco(const std::filesystem::path& root);
Dataset open_loco(const std::filesystem::path& root, const DatasetOptions& options);

bool is_mvtec2(const std::filesystem::path& root);
Dataset open_mvtec2(const std::filesystem::path& root, const DatasetOptions& options);

bool is_ksdd(const std::filesystem::path& root);
Dataset open_ksdd(const std::filesystem::path& root, const DatasetOptions& options);

bool is_folder_set(const std::filesystem::path& root);
Dataset open_folder_set(const std::filesystem::path& root, const DatasetOptions& options);

}  // namespace anomalyvlm::eval
