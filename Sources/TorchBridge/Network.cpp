#ifdef EARSHOT_LIBTORCH
#include "Network.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <torch/csrc/autograd/variable.h>

#include <cmath>
#include <stdexcept>

namespace earshot {

using at::Tensor;

namespace {

constexpr double normMomentum = 0.1, normEpsilon = 1e-5;
// Similarities are scaled by at most a hundred.
constexpr double smallestTemperature = 0.01;

Tensor unit(const Tensor &rows) { return rows / rows.norm(2, {-1}, true).clamp_min(1e-8); }

Tensor view(const float *values, at::IntArrayRef sizes) {
  return at::from_blob(const_cast<float *>(values), sizes, at::kFloat);
}

Tensor indexTensor(const std::vector<int64_t> &values) { return at::tensor(values, at::kLong); }

}  // namespace

Network::Network(const torch_design &design)
    : kind(design.kind),
      shape(design.blocks, design.blocks + design.block_count),
      mels(design.mels),
      hidden(design.hidden),
      dimensions(design.dimensions),
      window(design.window),
      windowHop(design.window_hop),
      conditions(design.conditions),
      hitFrames(design.hit_frames),
      learnsMasks(design.learns_masks != 0),
      learnsTemperature(design.learns_temperature != 0),
      averageDecay(design.average_decay),
      seed(design.seed) {
  if (shape.empty() || mels < 1 || hidden < 1 || dimensions < 1 || conditions < 1)
    throw std::invalid_argument("the network has an empty part");
  if (window < 0 || (window > 0 && (windowHop < 1 || windowHop > window || kind != TORCH_METRIC)))
    throw std::invalid_argument("the network has windows that are none");
  random = at::detail::createCPUGenerator(seed);
  for (int32_t n = 0; n < design.networks; n++) {
    auto prefix = std::to_string(n);
    if (kind == TORCH_AUTOENCODER) {
      encoders.push_back(makeEncoder(prefix + "/hit"));
      encoders.push_back(encoders.back());
    } else {
      encoders.push_back(makeEncoder(prefix + "/mix"));
      encoders.back().hasWindows = window > 0;
      encoders.push_back(makeEncoder(prefix + "/hit"));
    }
  }
  auto given = view(design.masks, {conditions, dimensions}).clone();
  if (learnsMasks)
    masks = add("masks", given, false);
  else
    fixedMasks = given;
  fixedScale = 1 / design.temperature;
  // As in CLIP, the parameter is the logarithm of the inverse temperature.
  if (learnsTemperature) temperature = add("temperature", at::full({}, std::log(fixedScale)), false);
  if (kind == TORCH_CLASSIFICATION) {
    classHead = add("class", plain(conditions, dimensions), true);
    for (int64_t c = 0; c < conditions; c++) {
      identities.push_back(design.identities[c]);
      identityHeads.push_back(add("identity" + std::to_string(c), plain(design.identities[c], dimensions), true));
    }
  }
  if (kind == TORCH_AUTOENCODER) {
    decoder = add("decoder/hidden", kaiming({hidden, dimensions}), true);
    add("decoder/hiddenBias", at::zeros({hidden}), false);
    add("decoder/out", plain(mels * hitFrames, hidden), true);
    add("decoder/outBias", at::zeros({mels * hitFrames}), false);
  }
}

// He initialisation: it keeps the variance of a ReLU's output equal to that of its input.
Tensor Network::kaiming(at::IntArrayRef sizes) {
  int64_t fan = 1;
  for (size_t i = 1; i < sizes.size(); i++) fan *= sizes[i];
  return at::randn(sizes, random) * std::sqrt(2.0 / static_cast<double>(fan));
}

// Initialisation with variance 1 / inputs, for layers without ReLU.
Tensor Network::plain(int64_t out, int64_t in) {
  return at::randn({out, in}, random) * std::sqrt(1.0 / static_cast<double>(in));
}

size_t Network::add(const std::string &name, Tensor value, bool decays) {
  value.set_requires_grad(true);
  at::NoGradGuard off;
  parameters.push_back(
      {name, value, at::zeros_like(value), at::zeros_like(value), averageDecay > 0 ? value.clone() : Tensor(), decays});
  return parameters.size() - 1;
}

Encoder Network::makeEncoder(const std::string &prefix) {
  Encoder encoder;
  int64_t channels = 1, height = mels;
  for (size_t b = 0; b < shape.size(); b++) {
    const auto &block = shape[b];
    auto name = prefix + "/block" + std::to_string(b);
    Encoder::Block made;
    made.shape = block;
    made.weight = add(name + "/weight", kaiming({block.channels, channels, block.kernel_height, block.kernel_width}), true);
    made.scale = add(name + "/scale", at::ones({block.channels}), false);
    made.shift = add(name + "/shift", at::zeros({block.channels}), false);
    made.mean = at::zeros({block.channels});
    made.variance = at::ones({block.channels});
    encoder.blocks.push_back(made);
    channels = block.channels;
    height = (height + 2 * (block.kernel_height / 2) - block.kernel_height) / block.stride_height + 1;
  }
  encoder.hiddenWeight = add(prefix + "/hidden/weight", kaiming({hidden, channels * height}), true);
  encoder.hiddenBias = add(prefix + "/hidden/bias", at::zeros({hidden}), false);
  encoder.valueWeight = add(prefix + "/value/weight", plain(dimensions, hidden), true);
  encoder.valueBias = add(prefix + "/value/bias", at::zeros({dimensions}), false);
  // Every frame starts with the same weight.
  encoder.scoreWeight = add(prefix + "/score/weight", at::zeros({dimensions, hidden}), true);
  encoder.scoreBias = add(prefix + "/score/bias", at::zeros({dimensions}), false);
  return encoder;
}

const Tensor &Network::current(size_t index, bool training) const {
  const auto &parameter = parameters[index];
  return training || averageDecay <= 0 ? parameter.value : parameter.average;
}

// Maps [sounds, frames, dimensions] to [sounds, windows, frames of a window, dimensions]. The last window ends with the
// sound.
Tensor Network::windows(const Tensor &frames) const {
  auto last = frames.size(1) - window;
  if (last <= 0) return frames.unsqueeze(1);
  auto regular = frames.unfold(1, window, windowHop).transpose(2, 3);
  if (last % windowHop == 0) return regular;
  return at::cat({regular, frames.narrow(1, last, window).unsqueeze(1)}, 1);
}

// Maps [sounds, mels, frames] to [sounds, dimensions], or to [sounds, windows, dimensions] if the encoder pools over
// windows.
Tensor Network::encode(const Encoder &encoder, Tensor x, bool training, float dropout) {
  auto weight = [&](size_t index) -> const Tensor & { return current(index, training); };
  x = x.unsqueeze(1);
  for (const auto &block : encoder.blocks) {
    const auto &s = block.shape;
    x = at::conv2d(x, weight(block.weight), {}, {s.stride_height, s.stride_width},
                   {s.kernel_height / 2, s.kernel_width / 2});
    x = at::batch_norm(x, weight(block.scale), weight(block.shift), block.mean, block.variance, training, normMomentum,
                       normEpsilon, false);
    x = at::relu_(x);
  }
  auto sounds = x.size(0), frames = x.size(3);
  x = x.permute({0, 3, 1, 2}).reshape({sounds * frames, x.size(1) * x.size(2)});
  x = at::relu(at::linear(x, weight(encoder.hiddenWeight), weight(encoder.hiddenBias)));
  if (training && dropout > 0) x = x * at::empty_like(x).bernoulli_(1 - dropout, random).div_(1 - dropout);
  auto value = at::linear(x, weight(encoder.valueWeight), weight(encoder.valueBias));
  auto score = at::linear(x, weight(encoder.scoreWeight), weight(encoder.scoreBias));
  value = value.view({sounds, frames, dimensions});
  score = score.view({sounds, frames, dimensions});
  if (encoder.hasWindows) return (at::softmax(windows(score), 2) * windows(value)).sum(2);
  return (at::softmax(score, 1) * value).sum(1);
}

Tensor Network::mask(int64_t condition, bool training) const {
  if (!learnsMasks) return fixedMasks[condition];
  return at::relu(current(masks, training))[condition];
}

// Anchors are the mixes under one condition, hits the one-shots that they are compared with, both unit vectors. The
// similarity of a one-shot to a mix with several windows is that of the nearest window. `excluded` [anchors, hits]
// marks hits that are neither right nor wrong.
Tensor Network::conditionLoss(const Tensor &anchors, const Tensor &hits, const std::vector<int64_t> &targets,
                              const Tensor &excluded, const torch_objective &objective, float &accuracy) {
  auto mixes = static_cast<int64_t>(targets.size());
  auto target = indexTensor(targets);
  auto similarity = anchors.matmul(hits.t());
  if (similarity.dim() == 3) similarity = similarity.amax(1);
  {
    at::NoGradGuard off;
    auto nearest = similarity.detach().masked_fill(excluded, -2).argmax(1);
    accuracy += nearest.eq(target).to(at::kFloat).mean().item<float>() / static_cast<float>(conditions);
  }
  if (objective.loss == TORCH_INFONCE) {
    auto scale = learnsTemperature ? at::exp(parameters[temperature].value).clamp_max(1 / smallestTemperature)
                                   : at::full({}, fixedScale);
    auto logits = (similarity * scale).masked_fill(excluded, -1e9);
    auto toHits = at::cross_entropy_loss(logits, target);
    auto own = logits.index_select(1, target).t();
    auto order = at::arange(mixes, at::kLong);
    auto toMixes = at::cross_entropy_loss(own, order);
    return (toHits + toMixes) / 2;
  }
  // The squared distance between unit vectors is 2 less twice their similarity.
  auto distance = 2 - 2 * similarity;
  auto positive = distance.gather(1, target.unsqueeze(1));
  auto barred = excluded.clone();
  barred.scatter_(1, target.unsqueeze(1), true);
  if (objective.mining == TORCH_ALL_NEGATIVES) {
    auto violation = at::relu(positive - distance + objective.margin).masked_fill(barred, 0);
    return violation.sum() / (violation.detach() > 0).sum().clamp_min(1);
  }
  Tensor chosen;
  {
    at::NoGradGuard off;
    auto d = distance.detach();
    auto hardest = d.masked_fill(barred, 9).argmin(1, true);
    if (objective.mining == TORCH_HARDEST) {
      chosen = hardest;
    } else {
      // The nearest negative that is farther than the positive; if there is none, the farthest.
      auto tooNear = barred.logical_or(d <= positive.detach());
      auto semi = d.masked_fill(tooNear, 9).argmin(1, true);
      auto farthest = d.masked_fill(barred, -1).argmax(1, true);
      chosen = at::where(tooNear.all(1, true), farthest, semi);
    }
  }
  return at::relu(positive - distance.gather(1, chosen) + objective.margin).mean();
}

Tensor Network::metricLoss(const torch_batch &batch, const torch_objective &objective, float &accuracy) {
  auto mixes = view(batch.mixes, {batch.mix_count, mels, batch.mix_frames});
  auto hits = view(batch.hits, {batch.hit_count, mels, batch.hit_frames});
  bool isShared = encoders.size() == 2;
  Tensor mixRows, hitRows;
  if (isShared) {
    mixRows = encode(encoders[0], mixes, true, objective.dropout);
    hitRows = encode(encoders[1], hits, true, objective.dropout);
  }
  // For each mix and class, which one-shot plays.
  std::vector<int32_t> own(static_cast<size_t>(batch.mix_count * conditions), -1);
  for (int32_t h = 0; h < batch.hit_count; h++)
    if (batch.hit_mix[h] >= 0) own[batch.hit_mix[h] * conditions + batch.hit_condition[h]] = batch.hit_identity[h];
  Tensor loss = at::zeros({});
  for (int32_t c = 0; c < conditions; c++) {
    std::vector<int64_t> chosen, targets(batch.mix_count, -1);
    for (int32_t h = 0; h < batch.hit_count; h++) {
      if (batch.hit_condition[h] != c && !objective.crosses_classes) continue;
      if (batch.hit_condition[h] == c && batch.hit_mix[h] >= 0)
        targets[batch.hit_mix[h]] = static_cast<int64_t>(chosen.size());
      chosen.push_back(h);
    }
    for (auto target : targets)
      if (target < 0) throw std::invalid_argument("a mix of the batch lacks the one-shot of a condition");
    // Other occurrences of the one-shot that plays are no negatives. If no mask tells the classes apart, neither are
    // the other drums of the mix.
    auto excluded = at::zeros({batch.mix_count, static_cast<int64_t>(chosen.size())}, at::kBool);
    auto cells = excluded.accessor<bool, 2>();
    for (int64_t i = 0; i < batch.mix_count; i++)
      for (size_t j = 0; j < chosen.size(); j++) {
        auto condition = batch.hit_condition[chosen[j]];
        cells[i][j] = static_cast<int64_t>(j) != targets[i] && (condition == c || objective.spares_own) &&
                      own[i * conditions + condition] == batch.hit_identity[chosen[j]];
      }
    auto places = indexTensor(chosen);
    auto anchors = isShared ? mixRows : encode(encoders[2 * c], mixes, true, objective.dropout);
    auto others = isShared ? hitRows.index_select(0, places)
                           : encode(encoders[2 * c + 1], hits.index_select(0, places), true, objective.dropout);
    auto m = mask(c, true);
    loss = loss + conditionLoss(unit(anchors * m), unit(others * m), targets, excluded, objective, accuracy);
  }
  loss = loss / static_cast<double>(conditions);
  if (learnsMasks && objective.mask_penalty > 0)
    loss = loss + objective.mask_penalty * at::relu(parameters[masks].value).mean();
  return loss;
}

Tensor Network::classificationLoss(const torch_batch &batch, const torch_objective &objective, float &accuracy) {
  auto entropy = [&](const Tensor &logits, const std::vector<int64_t> &target) {
    return at::cross_entropy_loss(logits, indexTensor(target), {}, at::Reduction::Mean, -100, objective.label_smoothing);
  };
  auto mixRows = encode(encoders[0], view(batch.mixes, {batch.mix_count, mels, batch.mix_frames}), true, objective.dropout);
  auto hitRows = encode(encoders[1], view(batch.hits, {batch.hit_count, mels, batch.hit_frames}), true, objective.dropout);
  std::vector<int64_t> classes(batch.hit_condition, batch.hit_condition + batch.hit_count);
  auto loss = entropy(at::linear(hitRows, parameters[classHead].value), classes);
  for (int32_t c = 0; c < conditions; c++) {
    const auto &head = parameters[identityHeads[c]].value;
    std::vector<int64_t> places, hitTarget, mixTarget(batch.mix_count, 0);
    for (int32_t h = 0; h < batch.hit_count; h++) {
      if (batch.hit_condition[h] != c) continue;
      places.push_back(h);
      hitTarget.push_back(batch.hit_identity[h]);
      if (batch.hit_mix[h] >= 0) mixTarget[batch.hit_mix[h]] = batch.hit_identity[h];
    }
    auto ofMixes = at::linear(mixRows, head);
    loss = loss + entropy(ofMixes, mixTarget) / static_cast<double>(conditions);
    loss = loss + entropy(at::linear(hitRows.index_select(0, indexTensor(places)), head), hitTarget) /
                      static_cast<double>(conditions);
    accuracy += ofMixes.detach().argmax(1).eq(indexTensor(mixTarget)).to(at::kFloat).mean().item<float>() /
                static_cast<float>(conditions);
  }
  return loss;
}

Tensor Network::reconstructionLoss(const torch_batch &batch, const torch_objective &objective) {
  auto hits = view(batch.hits, {batch.hit_count, mels, batch.hit_frames});
  auto rows = unit(encode(encoders[1], hits, true, objective.dropout)) * std::sqrt(static_cast<double>(dimensions));
  auto inner = at::relu(at::linear(rows, parameters[decoder].value, parameters[decoder + 1].value));
  auto out = at::linear(inner, parameters[decoder + 2].value, parameters[decoder + 3].value);
  return at::mse_loss(out, hits.reshape({batch.hit_count, mels * batch.hit_frames}));
}

torch_outcome Network::train(const torch_batch &batch, const torch_objective &objective, const torch_update &step) {
  // Draws depend on the step alone, so that a resumed run draws as if it had never stopped.
  random = at::detail::createCPUGenerator(seed + 0x9e3779b97f4a7c15ULL * static_cast<uint64_t>(step.step));
  at::AutoGradMode on(true);
  torch_outcome outcome{};
  Tensor loss;
  switch (kind) {
    case TORCH_METRIC: loss = metricLoss(batch, objective, outcome.accuracy); break;
    case TORCH_CLASSIFICATION: loss = classificationLoss(batch, objective, outcome.accuracy); break;
    case TORCH_AUTOENCODER: loss = reconstructionLoss(batch, objective); break;
  }
  loss.backward();
  outcome.loss = loss.item<float>();
  outcome.gradient_norm = update(step);
  return outcome;
}

// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2). Returns the gradient's norm before
// clipping.
float Network::update(const torch_update &step) {
  at::NoGradGuard off;
  double squares = 0;
  for (auto &parameter : parameters)
    if (parameter.value.grad().defined()) squares += std::pow(parameter.value.grad().norm().item<double>(), 2);
  auto norm = std::sqrt(squares);
  if (!std::isfinite(norm)) throw std::runtime_error("the gradient is not finite");
  double cut = step.largest_norm > 0 && norm > step.largest_norm ? step.largest_norm / norm : 1;
  double correct1 = 1 - std::pow(step.beta1, static_cast<double>(step.step));
  double correct2 = 1 - std::pow(step.beta2, static_cast<double>(step.step));
  for (auto &parameter : parameters) {
    auto &value = parameter.value;
    if (value.grad().defined()) {
      auto gradient = cut == 1 ? value.grad() : value.grad() * cut;
      parameter.first.mul_(step.beta1).add_(gradient, 1 - step.beta1);
      parameter.second.mul_(step.beta2).addcmul_(gradient, gradient, 1 - step.beta2);
      if (parameter.decays && step.weight_decay > 0) value.mul_(1 - step.learning_rate * step.weight_decay);
      auto root = parameter.second.sqrt().mul_(1 / std::sqrt(correct2)).add_(step.epsilon);
      value.addcdiv_(parameter.first, root, -step.learning_rate / correct1);
      value.mutable_grad() = Tensor();
    }
    if (averageDecay > 0) {
      // The average follows faster at first, so that the random initial weights do not linger in it.
      double decay = std::min<double>(averageDecay, (1.0 + step.step) / (10.0 + step.step));
      parameter.average.mul_(decay).add_(value, 1 - decay);
    }
  }
  return static_cast<float>(norm);
}

Tensor Network::embed(int32_t which, torch_encoder encoder, const Tensor &sounds) {
  at::NoGradGuard off;
  auto place = 2 * which + (encoder == TORCH_HIT ? 1 : 0);
  if (which < 0 || static_cast<size_t>(place) >= encoders.size()) throw std::out_of_range("there is no such network");
  return encode(encoders[place], sounds, false, 0).contiguous();
}

std::vector<Network::Exported> Network::exported() const {
  at::NoGradGuard off;
  std::vector<Exported> all;
  for (size_t e = 0; e < encoders.size(); e++) {
    const auto &encoder = encoders[e];
    auto prefix = std::to_string(e / 2) + (e % 2 == 0 ? "/mix" : "/hit");
    for (size_t b = 0; b < encoder.blocks.size(); b++) {
      const auto &block = encoder.blocks[b];
      auto scale = current(block.scale, false) * at::rsqrt(block.variance + normEpsilon);
      auto name = prefix + "/block" + std::to_string(b);
      all.push_back({name + "/weight", current(block.weight, false) * scale.view({-1, 1, 1, 1})});
      all.push_back({name + "/bias", current(block.shift, false) - block.mean * scale});
    }
    all.push_back({prefix + "/hidden/weight", current(encoder.hiddenWeight, false)});
    all.push_back({prefix + "/hidden/bias", current(encoder.hiddenBias, false)});
    all.push_back({prefix + "/value/weight", current(encoder.valueWeight, false)});
    all.push_back({prefix + "/value/bias", current(encoder.valueBias, false)});
    all.push_back({prefix + "/score/weight", current(encoder.scoreWeight, false)});
    all.push_back({prefix + "/score/bias", current(encoder.scoreBias, false)});
  }
  all.push_back({"masks", learnsMasks ? at::relu(current(masks, false)) : fixedMasks});
  return all;
}

std::vector<Tensor> Network::state() const {
  std::vector<Tensor> all;
  for (const auto &parameter : parameters) {
    all.push_back(parameter.value.detach());
    all.push_back(parameter.first);
    all.push_back(parameter.second);
    if (averageDecay > 0) all.push_back(parameter.average);
  }
  for (const auto &encoder : encoders)
    for (const auto &block : encoder.blocks) {
      all.push_back(block.mean);
      all.push_back(block.variance);
    }
  return all;
}

int64_t Network::parameterCount() const {
  int64_t count = 0;
  for (const auto &parameter : parameters) count += parameter.value.numel();
  return count;
}

}  // namespace earshot
#endif
