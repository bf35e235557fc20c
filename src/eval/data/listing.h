#pragma once
// What lies in a folder, and names from files of unknown origin. Links on the disk are followed; nothing here
// goes down into folders by itself, so a link to a folder above does no harm.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/listing.h"
#include "eval/data/dataset.h"

namespace anomalyvlm::eval {

using anomalyvlm::counted;
using anomalyvlm::entries_in_message;
using anomalyvlm::in_message;

// Names of the pictures right in this folder, sorted. A link to nowhere is named in an Error(kIo).
std::vector<std::string> pictures_in(const std::filesystem::path& folder);
// "a/b.tar.png" -> "a/b.tar"
std::string without_ending(const std::string& name);

// A file's name as another file gives it, made relative with '/': "./images\\x.png" -> "images/x.png". Throws
// Error(kBadInput) that begins with `where` for what is empty, absolute or leads out of its folder.
std::string relative_name(std::string_view written, const std::string& where);

// The folders to read for DatasetOptions::split: `own` where nothing is asked for, both for "all". Throws
// Error(kBadInput) for anything but "train" and "test".
std::vector<std::string> chosen_splits(const std::string& asked, const std::string& own);
// Throws Error(kBadInput) when the sample's mask is not there.
void check_mask(const Sample& sample);

// For layouts without splits: only "" and "all".
void refuse_splits(const std::string& asked, const std::string& layout);

}  // namespace anomalyvlm::eval
