#pragma once
// Which image a mask is for, by the names that people and programs give to masks and their folders.
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace anomalyvlm {

// "masks", "ground_truth", "GT", "labels", "SegmentationClass" and their like, and names with the word "mask"
// or "gt" in them.
bool is_mask_folder_name(std::string_view name);
// Whether the images of a folder with such a name are masks. Some names are of things that are photographed,
// too ("label", "solder_mask"): for these the first image decides. True for folders without images, or whose
// first image cannot be read.
bool may_hold_masks(const std::filesystem::path& folder);

// Of the names of all images of a folder, those of masks beside their images: "a_mask.png" beside "a.jpg".
// The first decides for names of things that are photographed, too ("a_label.png").
std::set<std::string> masks_beside(const std::filesystem::path& folder,
                                   const std::vector<std::string>& names);

// "a_mask", "a_GT", "a-label", "a_mask_2" -> "a"; empty for a name without such a tail.
std::string without_mask_tail(std::string_view stem);
// The same for the folder of a kind's masks: "scratch_masks" -> "scratch", "masks_scratch" -> "scratch".
std::string kind_of_mask_folder(std::string_view folder);
// "a_mask_2", "a_mask2" -> "a_mask": masks of the same image may be numbered.
std::string_view without_number(std::string_view stem);

}  // namespace anomalyvlm
