#include "../CTorchBridge/CTorchBridge.h"

#ifdef EARSHOT_LIBTORCH
#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>
#include <malloc.h>
#include <torch/csrc/api/include/torch/version.h>

#include <climits>
#include <cstring>
#include <memory>
#include <string>

#include "Network.h"

struct torch_network {
  std::unique_ptr<earshot::Network> network;
  // Names handed out by `tensor_shape`, kept alive with the network.
  std::vector<std::string> names;
};

namespace {

thread_local std::string lastError;

// Runs `body` and records an exception as the last error.
template <typename Body>
int guarded(Body body) {
  try {
    body();
    return 0;
  } catch (const c10::Error &error) {
    lastError = error.what_without_backtrace();
  } catch (const std::exception &error) {
    lastError = error.what();
  } catch (...) {
    lastError = "unknown";
  }
  return -1;
}

const char *version(void) {
  static const std::string version = std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR) +
                                     "." + std::to_string(TORCH_VERSION_PATCH);
  return version.c_str();
}

const char *last_error(void) { return lastError.c_str(); }

void set_threads(int32_t count) {
  // Otherwise glibc maps and unmaps every large activation anew in every step, which takes half of the time.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 256 << 20);
  guarded([&] { at::set_num_threads(count); });
}

torch_network *create(const torch_design *design) {
  auto made = std::make_unique<torch_network>();
  if (guarded([&] { made->network = std::make_unique<earshot::Network>(*design); }) != 0) return nullptr;
  return made.release();
}

void destroy(torch_network *network) { delete network; }

int64_t parameter_count(const torch_network *network) { return network->network->parameterCount(); }

int train(torch_network *network, const torch_batch *batch, const torch_objective *objective,
          const torch_update *update, torch_outcome *outcome) {
  return guarded([&] { *outcome = network->network->train(*batch, *objective, *update); });
}

int embed(torch_network *network, int32_t which, torch_encoder encoder, const float *sounds, int32_t count,
          int32_t frames, float *out) {
  return guarded([&] {
    auto mels = network->network->melCount();
    auto input = at::from_blob(const_cast<float *>(sounds), {count, mels, frames}, at::kFloat);
    auto rows = network->network->embed(which, encoder, input);
    std::memcpy(out, rows.data_ptr<float>(), rows.numel() * sizeof(float));
  });
}

int64_t state_size(const torch_network *network) {
  int64_t size = 0;
  for (const auto &tensor : network->network->state()) size += tensor.numel();
  return size;
}

int get_state(const torch_network *network, float *state) {
  return guarded([&] {
    for (const auto &tensor : network->network->state()) {
      auto values = tensor.contiguous();
      std::memcpy(state, values.data_ptr<float>(), values.numel() * sizeof(float));
      state += values.numel();
    }
  });
}

int set_state(torch_network *network, const float *state, int64_t size) {
  return guarded([&] {
    if (size != state_size(network)) throw std::invalid_argument("the state belongs to another network");
    at::NoGradGuard off;
    for (auto &tensor : network->network->state()) {
      tensor.copy_(at::from_blob(const_cast<float *>(state), tensor.sizes(), at::kFloat));
      state += tensor.numel();
    }
  });
}

int32_t tensor_count(const torch_network *network) {
  return static_cast<int32_t>(network->network->exported().size());
}

int32_t tensor_shape(torch_network *network, int32_t index, const char **name, int64_t sizes[4]) {
  auto all = network->network->exported();
  if (network->names.empty())
    for (const auto &one : all) network->names.push_back(one.name);
  *name = network->names[index].c_str();
  const auto &value = all[index].value;
  for (int64_t d = 0; d < value.dim() && d < 4; d++) sizes[d] = value.size(d);
  return static_cast<int32_t>(value.dim());
}

int tensor_read(torch_network *network, int32_t index, float *values) {
  return guarded([&] {
    auto tensor = network->network->exported()[index].value.contiguous();
    std::memcpy(values, tensor.data_ptr<float>(), tensor.numel() * sizeof(float));
  });
}

const torch_bridge bridge = {
    .version = version,
    .last_error = last_error,
    .set_threads = set_threads,
    .create = create,
    .destroy = destroy,
    .parameter_count = parameter_count,
    .train = train,
    .embed = embed,
    .state_size = state_size,
    .get_state = get_state,
    .set_state = set_state,
    .tensor_count = tensor_count,
    .tensor_shape = tensor_shape,
    .tensor_read = tensor_read,
};

}  // namespace

extern "C" const torch_bridge *earshot_torch_bridge(void) { return &bridge; }

#else

extern "C" const torch_bridge *earshot_torch_bridge(void) { return nullptr; }

#endif
