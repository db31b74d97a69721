// Times steps of the usual training on generated numbers. Writes the initial network and the batch into a folder, so
// that `peer.py` can take the same steps, then prints each step's loss and seconds.
import Basics
import Foundation
import Neural
import Training

guard CommandLine.arguments.count == 4, let steps = Int(CommandLine.arguments[2]),
  let threads = Int(CommandLine.arguments[3])
else {
  print("usage: TrainingBench FOLDER STEPS THREADS")
  exit(2)
}
let folder = URL(filePath: CommandLine.arguments[1], directoryHint: .isDirectory)
let settings = TrainingSettings()
let (mixes, classes) = (settings.batch, 3)
let mixFrames = 1 + Int(settings.seconds * Double(LogMel.sampleRate)) / settings.mel.hop
func noise(_ count: Int, _ name: String) -> [Float] {
  var random = SeededRandom(seed: 1, "bench", name)
  return (0..<count).map { _ in Float(random.normal()) }
}
let batch = TrainingBatch(
  mixCount: mixes, mixFrames: mixFrames, mixes: noise(mixes * settings.mel.mels * mixFrames, "mixes"),
  hitFrames: settings.mel.hitFrames, hits: noise(mixes * classes * settings.mel.mels * settings.mel.hitFrames, "hits"),
  hitCondition: (0..<mixes * classes).map { Int32($0 % classes) },
  hitMix: (0..<mixes * classes).map { Int32($0 / classes) },
  hitIdentity: (0..<mixes * classes).map { Int32($0 / classes) })
var design = TorchNetwork.Design(
  mels: settings.mel.mels, shape: settings.shape, masks: settings.startingMasks(conditions: classes), seed: 1)
design.temperature = settings.temperature
design.averageDecay = settings.averageDecay
let network = try TorchNetwork(design, threads: threads)

var header: [[String: Any]] = []
var numbers = Data()
for tensor in try network.tensors {
  header.append(["name": tensor.name, "shape": tensor.shape])
  tensor.values.withUnsafeBytes { numbers.append(contentsOf: $0) }
}
try numbers.write(to: folder.appending(path: "weights"))
for (name, values) in [("mixes", batch.mixes), ("hits", batch.hits)] {
  try values.withUnsafeBytes { try Data($0).write(to: folder.appending(path: name)) }
}
let facts: [String: Any] = [
  "tensors": header, "mels": settings.mel.mels, "mix_frames": mixFrames, "hit_frames": settings.mel.hitFrames,
  "strides": settings.shape.blocks.map { [$0.strideHeight, $0.strideWidth] }, "mixes": mixes,
  "temperature": settings.temperature, "rate": settings.learningRate, "decay": settings.weightDecay,
  "betas": [settings.beta1, settings.beta2], "largest_norm": settings.largestNorm, "average": settings.averageDecay,
]
try JSONSerialization.data(withJSONObject: facts).write(to: folder.appending(path: "facts.json"))

for step in 1...steps {
  let start = ContinuousClock.now
  let outcome = try network.train(
    batch, settings.objective,
    Update(
      learningRate: settings.learningRate, weightDecay: settings.weightDecay, largestNorm: settings.largestNorm,
      beta1: settings.beta1, beta2: settings.beta2, step: step))
  print(outcome.loss, (ContinuousClock.now - start) / .seconds(1))
}
