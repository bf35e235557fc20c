#include "references/origin_json.h"

#include <nlohmann/json.hpp>

#include "core/check.h"

namespace anomalyvlm {

nlohmann::ordered_json to_json(const BankOrigin& origin) {
  return {{"describer", origin.describer},
          {"method", origin.method},
          {"model", origin.model},
          {"resize", origin.resize},
          {"tile", origin.tile},
          {"tile_overlap", origin.tile_overlap},
          {"rotations", origin.options.rotations},
          {"variations", origin.options.variations},
          {"nearby", origin.options.nearby},
          {"mutual", origin.options.mutual}};
}

// Files of earlier versions lack "variations" and "mutual".
BankOrigin to_origin(const nlohmann::ordered_json& json) {
  BankOrigin origin{json.at("describer"),
                    json.at("method"),
                    json.at("model"),
                    json.at("resize"),
                    json.at("tile"),
                    json.at("tile_overlap"),
                    {.rotations = json.at("rotations"),
                     .variations = json.value("variations", false),
                     .nearby = json.at("nearby"),
                     .mutual = json.value("mutual", false)}};
  const ReferenceOptions& options = origin.options;
  if (origin.resize < 0 || origin.tile < 0 || origin.tile_overlap < 0 || options.rotations < 1 ||
      options.rotations > kMostRotations || !(options.nearby >= 0 && options.nearby < 1))
    fail(ErrorKind::kBadModel, "it was made with options that are not possible");
  return origin;
}

}  // namespace anomalyvlm
