#pragma once
// Our kernels inside OpenVINO's graphs. The CPU plugin calls evaluate() with float32 tensors, also in a
// bfloat16 graph. Each is registered in openvino.cc, so that graphs that hold it can be read back.
#include <openvino/op/op.hpp>
#include <vector>

#include "nn/ops.h"

namespace anomalyvlm::nn {

class NeighbourDistanceOp : public ov::op::Op {
 public:
  OPENVINO_OP("NeighbourDistance", "anomalyvlm");

  NeighbourDistanceOp() = default;
  NeighbourDistanceOp(const ov::Output<ov::Node>& x, const std::vector<Neighbourhood>& neighbourhoods);

  void validate_and_infer_types() override;
  std::shared_ptr<ov::Node> clone_with_new_inputs(const ov::OutputVector& inputs) const override;
  bool visit_attributes(ov::AttributeVisitor& visitor) override;
  bool has_evaluate() const override { return true; }
  bool evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const override;

 private:
  std::vector<std::int64_t> nearest_, radius_;
};

class DeformableAttentionOp : public ov::op::Op {
 public:
  OPENVINO_OP("DeformableAttention", "anomalyvlm");

  using Input = ov::Output<ov::Node>;
  DeformableAttentionOp() = default;
  DeformableAttentionOp(const Input& value, const std::vector<Extent>& maps, const Input& reference,
                        const Input& offsets, const Input& weights);

  void validate_and_infer_types() override;
  std::shared_ptr<ov::Node> clone_with_new_inputs(const ov::OutputVector& inputs) const override;
  bool visit_attributes(ov::AttributeVisitor& visitor) override;
  bool has_evaluate() const override { return true; }
  bool evaluate(ov::TensorVector& outputs, const ov::TensorVector& inputs) const override;

 private:
  std::vector<std::int64_t> heights_, widths_;
};

}  // namespace anomalyvlm::nn
