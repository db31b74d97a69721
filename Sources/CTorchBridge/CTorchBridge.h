// Training of the two encoders by libtorch, behind C, in a library of its own: libtorch brings hundreds of others, which
// take half a second and a hundred megabytes to load, and only who trains needs them. The program opens the library
// when it is asked for.
//
// Every function that can fail returns 0, or -1 (NULL for `create`) with the reason in `last_error`. No C++ exception
// leaves the library. A handle is used by one thread at a time.
//
// Arrays are 32-bit floats in row-major order, shapes are given in brackets.
#ifndef EARSHOT_TORCH_BRIDGE_H
#define EARSHOT_TORCH_BRIDGE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct torch_network torch_network;

// A convolution with batch normalisation and ReLU after it; padded by half its kernel.
typedef struct {
  int32_t channels;
  int32_t kernel_height, kernel_width;
  int32_t stride_height, stride_width;
} torch_block;

typedef enum {
  // Mixes and one-shots near each other where they belong together: conditional, joint, one network a class.
  TORCH_METRIC = 0,
  // Both encoders name the class and the one-shot.
  TORCH_CLASSIFICATION = 1,
  // The hit encoder alone, with a decoder that gives the log-mel spectrogram back.
  TORCH_AUTOENCODER = 2,
} torch_kind;

typedef struct {
  torch_kind kind;
  int32_t mels;
  int32_t block_count;
  const torch_block *blocks;
  int32_t hidden, dimensions;
  // Of mixes, in frames after the convolutions: what is pooled at once, and from one window to the next; 0: all frames.
  int32_t window, window_hop;
  int32_t conditions;
  // 1, or `conditions` for a network of its own for each.
  int32_t networks;
  // [conditions, dimensions]; the mask is its ReLU where it is learned.
  const float *masks;
  int32_t learns_masks;
  int32_t learns_temperature;
  float temperature;
  // TORCH_CLASSIFICATION: how many one-shots each condition has.
  const int32_t *identities;
  // TORCH_AUTOENCODER: frames of a one-shot.
  int32_t hit_frames;
  // What is embedded and written is the running average of the weights with this decay; 0: the weights themselves.
  float average_decay;
  uint64_t seed;
} torch_design;

typedef enum { TORCH_INFONCE = 0, TORCH_TRIPLET = 1 } torch_loss;
typedef enum { TORCH_ALL_NEGATIVES = 0, TORCH_SEMI_HARD = 1, TORCH_HARDEST = 2 } torch_mining;

typedef struct {
  torch_loss loss;
  torch_mining mining;
  // Of squared Euclidean distances between vectors of length 1.
  float margin;
  // Whether one-shots of the other classes are negatives too.
  int32_t crosses_classes;
  // Whether the other drums of a mix are spared then, as there is no mask that could tell them apart.
  int32_t spares_own;
  // Of the mean mask value, where masks are learned.
  float mask_penalty;
  // Share of the hidden layer's outputs that is dropped.
  float dropout;
  // TORCH_CLASSIFICATION: the share of a target that its cross entropy spreads over all one-shots.
  float label_smoothing;
} torch_objective;

typedef struct {
  float learning_rate;
  // Decoupled (AdamW), of weights but not of biases, norms, masks and temperature.
  float weight_decay;
  float beta1, beta2, epsilon;
  // Of the whole gradient; 0: as it is.
  float largest_norm;
  // From 1; the moments' bias correction and the draws of this step follow from it.
  int64_t step;
} torch_update;

typedef struct {
  int32_t mix_count, mix_frames;
  // [mix_count, mels, mix_frames]
  const float *mixes;
  int32_t hit_count, hit_frames;
  // [hit_count, mels, hit_frames]
  const float *hits;
  // Of each hit: its class; the mix that it plays in, or -1 for a mere negative; which one-shot it is, counted within
  // its class.
  const int32_t *hit_condition, *hit_mix, *hit_identity;
} torch_batch;

typedef struct {
  float loss;
  // Share of the mixes' drums whose nearest one-shot in the batch is the right one; for a classification the share
  // that is named rightly; 0 for an autoencoder.
  float accuracy;
  float gradient_norm;
} torch_outcome;

typedef enum { TORCH_MIX = 0, TORCH_HIT = 1 } torch_encoder;

// What the library does.
typedef struct {
  // Of libtorch.
  const char *(*version)(void);
  const char *(*last_error)(void);

  // For all work of this process; also keeps memory between steps instead of giving it back to the kernel.
  void (*set_threads)(int32_t count);

  torch_network *(*create)(const torch_design *design);
  void (*destroy)(torch_network *network);
  int64_t (*parameter_count)(const torch_network *network);

  // One step down the gradient.
  int (*train)(torch_network *network, const torch_batch *batch, const torch_objective *objective,
               const torch_update *update, torch_outcome *outcome);

  // Embeds sounds as the written file will: norms by their running statistics. out: [count, windows, dimensions], not
  // masked; one window where all frames are pooled.
  int (*embed)(torch_network *network, int32_t which, torch_encoder encoder, const float *sounds, int32_t count,
               int32_t frames, float *out);

  // All that a run needs to go on exactly: parameters, moments, averages, statistics of the norms.
  int64_t (*state_size)(const torch_network *network);
  int (*get_state)(const torch_network *network, float *state);
  int (*set_state)(torch_network *network, const float *state, int64_t size);

  // The tensors of the model file, norms folded into the convolutions: `0/mix/block0/weight` and so on, the network's
  // place first, and `masks`.
  int32_t (*tensor_count)(const torch_network *network);
  // Fills at most 4 sizes and returns how many there are. The name lives as long as the network.
  int32_t (*tensor_shape)(torch_network *network, int32_t index, const char **name, int64_t sizes[4]);
  int (*tensor_read)(torch_network *network, int32_t index, float *values);
} torch_bridge;

// The library's only symbol, by this name. NULL where it was built without the package trait LibTorch.
typedef const torch_bridge *(*torch_bridge_opening)(void);
#define TORCH_BRIDGE_OPENING "earshot_torch_bridge"

#ifdef __cplusplus
}
#endif

#endif
