import ArgumentParser
import Basics
import EmbeddingMap
import Foundation
import Neural
import Retrieval

struct MapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map",
    abstract: "Show what a model learned: its embedding in two dimensions, to see and to hear.",
    discussion: """
      Writes a folder: index.html, a page that opens offline (hover to see a sound, click to hear it, pick a mix and see \
      its neighbours light up), figures as SVG for papers, the coordinates as map.csv, and how faithful each map is as \
      quality.csv. Each space of the model, whole and under each mask, is shown by t-SNE and by PCA. docs/map.md says how \
      to read them.

      Examples:
        earshot map --library drums --mixes loops
        earshot map --library drums --mixes loops --model mine.safetensors --out my-map
        earshot map --library drums --split test --model mine.safetensors --colour tag --sounds embed
        earshot map --library drums --vectors clap=clap.npy --metric cosine
      """)

  @Option(help: ArgumentHelp("The library: its folder or its table.", valueName: "folder"))
  var library: String

  @Option(
    help: ArgumentHelp("Mixes to look up neighbours for: their folder or their table.", valueName: "folder"))
  var mixes: String?

  @Option(
    help: ArgumentHelp(
      "A model file that `earshot train` wrote, optionally with another name (default: the model that comes with Earshot).",
      valueName: "[name=]file"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Vectors of your own model (CSV or .npy, see docs/rankings.md) and its name.", valueName: "name=file"))
  var vectors: String?

  @Option(help: "How vectors are compared: \(VectorSystem.Metric.allCases.map(\.rawValue).joined(separator: ", ")).")
  var metric: VectorSystem.Metric = .euclidean

  @Option(help: ArgumentHelp("Only this part of the library: train, validation or test.", valueName: "name"))
  var split: String?

  @Option(help: ArgumentHelp("Where to write the map.", valueName: "folder"))
  var out = "map"

  @Option(
    help: """
      How the page plays: links (to the library where it is), copy (sounds next to the page, to be moved and shared), \
      embed (the first second of each sound, within the page's one file), none.
      """)
  var sounds: MapSounds = .links

  @Option(help: ArgumentHelp("What colours mean in the figures: class, tag, source or split.", valueName: "name"))
  var colour = "class"

  @Option(help: "The effective number of neighbours of a sound in t-SNE. Lowered if there are few sounds.")
  var perplexity = 30.0

  @Option(help: "The seed of t-SNE; the same seed gives the same map.")
  var seed: UInt64 = 0

  func validate() throws {
    if model != nil, vectors != nil { throw ValidationError("Give either --model or --vectors.") }
    if vectors == nil, metric != .euclidean {
      throw ValidationError("--metric is for --vectors: models compare by Euclidean distance.")
    }
    guard perplexity >= 2 else { throw ValidationError("--perplexity must be at least 2.") }
  }

  func run() throws {
    let place = URL(filePath: library)
    let shots = try MapSound.read(place, split: split)
    _ = try Colouring.named(colour, of: shots)
    let loops = try mixes.map { try Self.loops($0, with: place) } ?? []
    var bars: [ProgressBar] = []
    func bar(_ name: String) -> ProgressHandler? {
      bars.last?.finish()
      bars.append(ProgressBar(name))
      return bars.last?.handler
    }
    let embedding = try embedding(of: shots, loops, progress: bar("listening"))
    let atlas = try Atlas(
      embedding, sounds: shots, mixes: loops, settings: .init(perplexity: perplexity, seed: seed),
      progress: { bar("map of \($0)") })
    let files = try atlas.write(
      to: URL(filePath: out, directoryHint: .isDirectory), sounds: sounds, colouring: colour,
      version: Earshot.configuration.version, progress: bar)
    bars.last?.finish()
    print(atlas.summary)
    print("\nOpen \(files[0].relativePath). Next to it are \(files.count - 1, "figure") and tables.")
  }

  private static func loops(_ path: String, with library: URL) throws -> [MapMix] {
    let mixes = URL(filePath: path)
    let notes = TableNotes()
    let catalogue = try Catalogue.read(library: library, mixes: mixes, notes: notes)
    notes.tell()
    let divided = catalogue.dividedQueries(in: Catalogue.table(mixes, "mixes.csv"))
    guard divided.isEmpty else { throw Problems(divided) }
    return MapMix.all(of: catalogue)
  }

  private func embedding(of shots: [MapSound], _ loops: [MapMix], progress: ProgressHandler?) throws -> Embedding {
    if let vectors {
      let (name, file) = try FileArgument(vectors).mustHaveName(as: "vectors")
      let notes = TableNotes()
      let table = try VectorTable(file, notes: notes)
      notes.tell()
      return try Embedding(table, name: name, metric: metric, sounds: shots, mixes: loops)
    }
    let named = model.map { FileArgument($0) }
    return try Embedding(
      ModelSystem(try ModelFile.read(named?.file ?? Self.ownModel()), name: named?.name), sounds: shots, mixes: loops,
      features: .standard(),
      progress: progress)
  }

  private static func ownModel() throws -> URL {
    do { return try Home.item("models/conditional.safetensors") } catch {
      throw Problem("no model is named, and Earshot came without one", mend: "Give --model or --vectors.")
    }
  }
}

extension MapSounds: ExpressibleByArgument {}
