#include "nn/engines/openvino_kernels.h"

#include "kernels/deformable_attention/deformable_attention.h"
#include "kernels/saliency/saliency.h"

namespace anomalyvlm::nn {

NeighbourDistanceOp::NeighbourDistanceOp(const ov::Output<ov::Node>& x,
                                         const std::vector<Neighbourhood>& neighbourhoods)
    : ov::op::Op({x}) {
  for (const Neighbourhood& n : neighbourhoods) {
    nearest_.push_back(n.nearest);
    radius_.push_back(n.radius);
  }
  constructor_validate_and_infer_types();
}

void NeighbourDistanceOp::validate_and_infer_types() {
  ov::PartialShape shape = get_input_partial_shape(0);
  shape[1] = static_cast<std::int64_t>(nearest_.size());
  set_output_type(0, ov::element::f32, shape);
}

std::shared_ptr<ov::Node> NeighbourDistanceOp::clone_with_new_inputs(const ov::OutputVector& inputs) const {
  auto copy = std::make_shared<NeighbourDistanceOp>();
  copy->set_arguments(inputs);
  copy->nearest_ = nearest_;
  copy->radius_ = radius_;
  copy->constructor_validate_and_infer_types();
  return copy;
}

bool NeighbourDistanceOp::visit_attributes(ov::AttributeVisitor& visitor) {
  visitor.on_attribute("nearest", nearest_);
  visitor.on_attribute("radius", radius_);
  return true;
}

bool NeighbourDistanceOp::evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const {
  const ov::Shape shape = inputs[0].get_shape();
  outputs[0].set_shape({shape[0], nearest_.size(), shape[2], shape[3]});
  std::vector<NeighbourQuery> queries;
  for (std::size_t i = 0; i < nearest_.size(); ++i)
    queries.push_back({static_cast<int>(nearest_[i]), static_cast<int>(radius_[i])});
  const std::size_t cells = shape[2] * shape[3];
  for (std::size_t b = 0; b < shape[0]; ++b) {
    neighbour_distance(inputs[0].data<const float>() + b * shape[1] * cells, static_cast<int>(shape[1]),
                       static_cast<int>(shape[2]), static_cast<int>(shape[3]), queries,
                       outputs[0].data<float>() + b * nearest_.size() * cells);
  }
  return true;
}

DeformableAttentionOp::DeformableAttentionOp(const Input& value, const std::vector<Extent>& maps,
                                             const Input& reference, const Input& offsets,
                                             const Input& weights)
    : ov::op::Op({value, reference, offsets, weights}) {
  for (const Extent& map : maps) {
    heights_.push_back(map.height);
    widths_.push_back(map.width);
  }
  constructor_validate_and_infer_types();
}

void DeformableAttentionOp::validate_and_infer_types() {
  const ov::PartialShape value = get_input_partial_shape(0), offsets = get_input_partial_shape(2);
  set_output_type(0, ov::element::f32, {value[0], offsets[1], value[2] * value[3]});
}

std::shared_ptr<ov::Node> DeformableAttentionOp::clone_with_new_inputs(const ov::OutputVector& inputs) const {
  auto copy = std::make_shared<DeformableAttentionOp>();
  copy->set_arguments(inputs);
  copy->heights_ = heights_;
  copy->widths_ = widths_;
  copy->constructor_validate_and_infer_types();
  return copy;
}

bool DeformableAttentionOp::visit_attributes(ov::AttributeVisitor& visitor) {
  visitor.on_attribute("heights", heights_);
  visitor.on_attribute("widths", widths_);
  return true;
}

bool DeformableAttentionOp::evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const {
  const ov::Shape value = inputs[0].get_shape(), reference = inputs[1].get_shape(),
                  offsets = inputs[2].get_shape();
  outputs[0].set_shape({value[0], offsets[1], value[2] * value[3]});
  std::vector<Extent> maps;
  for (std::size_t i = 0; i < heights_.size(); ++i) maps.push_back({heights_[i], widths_[i]});
  DeformableAttention a;
  a.value = inputs[0].data<const float>();
  a.reference = inputs[1].data<const float>();
  a.offsets = inputs[2].data<const float>();
  a.weights = inputs[3].data<const float>();
  a.out = outputs[0].data<float>();
  a.maps = maps;
  a.set_extents(value, reference, offsets);
  anomalyvlm::deformable_attention(a);
  return true;
}

}  // namespace anomalyvlm::nn
