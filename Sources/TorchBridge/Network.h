// The network and its training step, in ATen. `Bridge.cpp` wraps them for C.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "../CTorchBridge/CTorchBridge.h"

namespace earshot {

// A named trainable tensor with Adam's moments and its running average.
struct Parameter {
  std::string name;
  at::Tensor value, first, second, average;
  bool decays;
};

// The indices of one encoder's tensors among the parameters, and the statistics of its norms.
struct Encoder {
  struct Block {
    size_t weight, scale, shift;
    at::Tensor mean, variance;
    torch_block shape;
  };
  std::vector<Block> blocks;
  size_t hiddenWeight, hiddenBias, valueWeight, valueBias, scoreWeight, scoreBias;
  bool hasWindows = false;
};

class Network {
 public:
  explicit Network(const torch_design &design);

  torch_outcome train(const torch_batch &batch, const torch_objective &objective, const torch_update &update);
  at::Tensor embed(int32_t which, torch_encoder encoder, const at::Tensor &sounds);

  struct Exported {
    std::string name;
    at::Tensor value;
  };
  std::vector<Exported> exported() const;
  // In an order that depends on the design alone.
  std::vector<at::Tensor> state() const;
  int64_t parameterCount() const;
  int64_t melCount() const { return mels; }

 private:
  at::Tensor kaiming(at::IntArrayRef sizes);
  at::Tensor plain(int64_t out, int64_t in);
  size_t add(const std::string &name, at::Tensor value, bool decays);
  Encoder makeEncoder(const std::string &prefix);
  const at::Tensor &current(size_t index, bool training) const;
  at::Tensor encode(const Encoder &encoder, at::Tensor sounds, bool training, float dropout);
  at::Tensor windows(const at::Tensor &frames) const;
  at::Tensor mask(int64_t condition, bool training) const;

  at::Tensor metricLoss(const torch_batch &batch, const torch_objective &objective, float &accuracy);
  at::Tensor conditionLoss(const at::Tensor &anchors, const at::Tensor &hits, const std::vector<int64_t> &targets,
                           const at::Tensor &excluded, const torch_objective &objective, float &accuracy);
  at::Tensor classificationLoss(const torch_batch &batch, const torch_objective &objective, float &accuracy);
  at::Tensor reconstructionLoss(const torch_batch &batch, const torch_objective &objective);
  float update(const torch_update &update);

  torch_kind kind;
  std::vector<torch_block> shape;
  int64_t mels, hidden, dimensions, window, windowHop, conditions, hitFrames;
  bool learnsMasks, learnsTemperature;
  float averageDecay;
  uint64_t seed;
  // This network's own generator: libtorch's is shared by the whole process.
  at::Generator random;
  std::vector<int64_t> identities;
  std::vector<Parameter> parameters;
  // Network n has the mix encoder 2n and the hit encoder 2n + 1.
  std::vector<Encoder> encoders;
  at::Tensor fixedMasks;
  double fixedScale = 1;
  size_t masks = 0, temperature = 0, classHead = 0, decoder = 0;
  std::vector<size_t> identityHeads;
};

}  // namespace earshot
