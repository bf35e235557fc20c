#pragma once
// A detection as an answer: JSON, an overlay, a map, or several files at once.
#include "anomalyvlm/detection.h"
#include "anomalyvlm/image.h"
#include "anomalyvlm/results.h"
#include "serve/http/message.h"

namespace anomalyvlm::serve {

// In the form that the request's header Accept asks for: application/json (the favourite), image/png (the
// overlay), image/tiff (the map), multipart/mixed (results.files). Throws HttpError(406) for others.
Response detection_answer(const Request& request, const Detection& detection, const Image& image,
                          const HybridPrompt& prompt, ResultOptions results);

// A map as the request asks for: image/tiff (32-bit floats; the favourite), or image/png with `full_scale`
// white.
Response map_answer(const Request& request, const FloatMap& map, double full_scale, const std::string& name);
Response png_answer(std::vector<std::uint8_t> bytes, const std::string& file_name);

}  // namespace anomalyvlm::serve
