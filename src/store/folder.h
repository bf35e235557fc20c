#pragma once
// The folder in which published weights lie, and what is there.
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "weights/weights.h"

namespace anomalyvlm::store {

using catalog::Published;

// $ANOMALYVLM_MODELS, else "models" below user_data_directory(). Not created. Empty: there is none.
std::filesystem::path models_folder();
void require_folder(const std::filesystem::path& folder);  // throws Error(kIo) for an empty one
// Throws Error(kIo) where others can change a file or folder below the folder of weights.
void require_trusted(const std::filesystem::path& path, const std::filesystem::path& folder);
// So that a new file is trusted, whatever the umask gave others. Throws Error(kIo).
void forbid_others_to_write(const std::filesystem::path& file);

// What lies in the folder of one row of the catalog.
struct Stock {
  std::filesystem::path file;       // where the published file lies or belongs
  bool there = false;               // it is there, and of the right size
  std::uint64_t bytes = 0;          // its size, whether right or not; 0: it is not there
  std::uint64_t fetched = 0;        // bytes of an unfinished download
  std::filesystem::path f32, bf16;  // converted files; empty: not there
};
Stock stock_of(const Published& entry, const std::filesystem::path& folder);

// Where `models convert` puts the converted file of this one, by default: "sam.pth" -> "sam.safetensors",
// "sam.bf16.safetensors".
std::filesystem::path converted_path(const std::filesystem::path& file, bool bf16);
std::filesystem::path unfinished_path(const std::filesystem::path& file);  // of a download

// The file to load: converted to float32, else as published, else converted to bfloat16. Converted files
// count if they are whole and were made from the published one; others only where there is nothing else.
// Throws Error(kIo) that says how to get it when there is none, or that others can write where it lies.
std::filesystem::path locate(const Published& entry, const std::filesystem::path& folder = models_folder());

// The file of locate(), with the authors' names. Throws Error(kIo), Error(kBadModel).
std::shared_ptr<const WeightFile> open_published(std::string_view name,
                                                 const std::filesystem::path& folder = models_folder());

// What a loaded file is, in one line for results and logs: "sam-vit-t from mobile_sam.pt (sha256 6dbb...)" or
// "sam-vit-t, random, seed 3" as a converted one says, else the file's name. Nothing is hashed for it.
std::string identity_of(const WeightFile& file);

// What to do by hand: "put FILE (N bytes) from URL into FOLDER".
std::string by_hand(const Published& entry, const std::filesystem::path& folder);

// Of these names of the catalog those of which nothing is there, in this order; locate() tells of what is not
// whole.
std::vector<std::string> missing_of(std::span<const std::string> names,
                                    const std::filesystem::path& folder = models_folder());
// Throws Error(kIo) that says how to get all of these, which are not there.
[[noreturn]] void fail_without(std::span<const std::string> names, const std::filesystem::path& folder);

// Whether a file is what it should be, by its SHA-256: that of the catalog, or the one that a converted file
// carries. Throws Error(kIo), Error(kBadModel) saying what is wrong.
void verify_published(const Published& entry, const std::filesystem::path& file);
void verify_converted(const std::filesystem::path& file);

}  // namespace anomalyvlm::store
