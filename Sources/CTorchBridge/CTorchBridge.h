// Training of the two encoders with libtorch, behind a C interface and in a library of its own: libtorch brings
// hundreds of others, which take half a second and a hundred megabytes to load, and only training needs them. The
// program opens the library on first use.
//
// Every function that can fail returns 0 on success, and -1 (NULL for `create`) with the reason in `last_error` on
// failure. No C++ exception leaves the library. A handle may be used by one thread at a time.
//
// Arrays are 32-bit floats in row-major order. Shapes are given in brackets.
#ifndef EARSHOT_TORCH_BRIDGE_H
#define EARSHOT_TORCH_BRIDGE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct torch_network torch_network;

// A convolution, padded by half its kernel, followed by batch normalisation and ReLU.
typedef struct {
  int32_t channels;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
} torch_block;

typedef enum {
  // Metric learning: mixes are embedded near the one-shots that play in them. For the conditional and joint kinds and
  // for one network per class.
  TORCH_METRIC = 0,
  // Both encoders classify the class and the one-shot.
  TORCH_CLASSIFICATION = 1,
  // The hit encoder alone, with a decoder that reconstructs the log-mel spectrogram.
  TORCH_AUTOENCODER = 2,
} torch_kind;

typedef struct {
  torch_kind kind;
  int32_t mels;
  int32_t block_count;
  const torch_block *blocks;
  int32_t hidden, dimensions;
  // Windows of mixes, in frames after the convolutions: the length over which frames are pooled, and the distance from
  // one window to the next. At 0 all frames are pooled.
  int32_t window, window_hop;
  int32_t conditions;
  // 1, or `conditions` if each condition has a network of its own.
  int32_t networks;
  // [conditions, dimensions]. If masks are learned, these are the starting values, and the mask is their ReLU.
  const float *masks;
  int32_t learns_masks;
  int32_t learns_temperature;
  float temperature;
  // TORCH_CLASSIFICATION only: number of one-shots of each condition.
  const int32_t *identities;
  // TORCH_AUTOENCODER only: length of a one-shot, in frames.
  int32_t hit_frames;
  // Decay per step of the running average of the weights, with which sounds are embedded and which is written. At 0 the
  // weights themselves are used.
  float average_decay;
  uint64_t seed;
} torch_design;

typedef enum { TORCH_INFONCE = 0, TORCH_TRIPLET = 1 } torch_loss;
typedef enum { TORCH_ALL_NEGATIVES = 0, TORCH_SEMI_HARD = 1, TORCH_HARDEST = 2 } torch_mining;

typedef struct {
  torch_loss loss;
  torch_mining mining;
  // Margin of the triplet loss, between squared Euclidean distances of unit vectors.
  float margin;
  // Whether one-shots of the other classes are negatives too.
  int32_t crosses_classes;
  // Whether the other drums of a mix are then excluded from its negatives, as there is no mask to tell them apart.
  int32_t spares_own;
  // Weight of the mean mask value in the loss, if masks are learned.
  float mask_penalty;
  // Share of the hidden layer's outputs that dropout sets to 0.
  float dropout;
  // TORCH_CLASSIFICATION only: the share of a target that the cross entropy spreads over all labels.
  float label_smoothing;
} torch_objective;

typedef struct {
  float learning_rate;
  // Decoupled weight decay (AdamW). It applies to weights, but not to biases, norms, masks and temperature.
  float weight_decay;
  float beta1, beta2, epsilon;
  // Largest norm of the whole gradient. A longer gradient is scaled down to it; 0 means no clipping.
  float largest_norm;
  // Number of the step, from 1. It determines the bias correction of the moments and the random draws of the step.
  int64_t step;
} torch_update;

typedef struct {
  int32_t mix_count, mix_frames;
  // [mix_count, mels, mix_frames]
  const float *mixes;
  int32_t hit_count, hit_frames;
  // [hit_count, mels, hit_frames]
  const float *hits;
  // For each hit: its class; the mix in which it plays, or -1 if it is only a negative; and its index within its class.
  const int32_t *hit_condition, *hit_mix, *hit_identity;
} torch_batch;

typedef struct {
  float loss;
  // Share of the drums in mixes whose nearest one-shot in the batch is the right one; for a classification, the share
  // that is classified correctly; 0 for an autoencoder.
  float accuracy;
  float gradient_norm;
} torch_outcome;

typedef enum { TORCH_MIX = 0, TORCH_HIT = 1 } torch_encoder;

// The functions of the library.
typedef struct {
  // libtorch's version.
  const char *(*version)(void);
  const char *(*last_error)(void);

  // Applies to all work of this process. It also makes the allocator keep memory between steps instead of returning it
  // to the kernel.
  void (*set_threads)(int32_t count);

  torch_network *(*create)(const torch_design *design);
  void (*destroy)(torch_network *network);
  int64_t (*parameter_count)(const torch_network *network);

  // One training step.
  int (*train)(torch_network *network, const torch_batch *batch, const torch_objective *objective,
               const torch_update *update, torch_outcome *outcome);

  // Embeds sounds as the written file will, that is, with the norms' running statistics. out: [count, windows,
  // dimensions], unmasked; one window if all frames are pooled.
  int (*embed)(torch_network *network, int32_t which, torch_encoder encoder, const float *sounds, int32_t count,
               int32_t frames, float *out);

  // Everything that a run needs to resume exactly: parameters, moments, averages, and the norms' statistics.
  int64_t (*state_size)(const torch_network *network);
  int (*get_state)(const torch_network *network, float *state);
  int (*set_state)(torch_network *network, const float *state, int64_t size);

  // The tensors of the model file, with norms folded into the convolutions: `0/mix/block0/weight` and so on, beginning
  // with the index of the network, and `masks`.
  int32_t (*tensor_count)(const torch_network *network);
  // Fills in at most 4 sizes and returns their number. The name lives as long as the network.
  int32_t (*tensor_shape)(torch_network *network, int32_t index, const char **name, int64_t sizes[4]);
  int (*tensor_read)(torch_network *network, int32_t index, float *values);
} torch_bridge;

// The library's only symbol, by this name. It returns NULL if it was built without the package trait LibTorch.
typedef const torch_bridge *(*torch_bridge_opening)(void);
#define TORCH_BRIDGE_OPENING "earshot_torch_bridge"

#ifdef __cplusplus
}
#endif

#endif
