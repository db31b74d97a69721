import ArgumentParser
import Basics
import Foundation
import Library
import Mixing

struct MixCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mix", abstract: "Make query loops, and record which drums play in them.",
    discussion: """
      Each loop consists of a backing without drums at 67.5 to 126 beats per minute, a kick, a snare and a hi-hat from \
      the library in one of a dozen rhythms, and a mastering chain: equaliser, compressor, reverb, exciter and limiter. Loops are \
      stereo, 44.1 kHz, two bars or more, and seamless.

      mixes.csv has a row for each loop and drum: which one-shot plays, when and how loud, and every setting of the chain. \
      The same seed, library and programs give the same loops.

      Backings are accompaniments by mma (if it and a General MIDI soundfont are installed), recorded loops from the \
      downloaded packages and from --backings, and always some synthesised ones.

      If the library is split (see 'earshot library build --set full'), --split makes mixes from one-shots and backings \
      of one split only. --chain hard masters them more heavily than any training mix.

      Examples:
        earshot mix --library library --out mixes
        earshot mix --library library --out mixes --count 60 --seed 7 --backings my-loops
        earshot mix --library library --split test --chain hard --count 160 --out test
      """)

  @Option(help: ArgumentHelp("The library of one-shots, made by 'earshot library build'.", valueName: "folder"))
  var library: String

  @Option(help: ArgumentHelp("The folder to make mixes in.", valueName: "folder"))
  var out: String

  @Option(help: "How many loops to make.")
  var count = 24

  @Option(help: "The same seed gives the same loops.")
  var seed: UInt64 = 1

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Folders of your own loops without drums, cut to whole bars; the tempo follows from their length.",
      valueName: "folders"))
  var backings: [String] = []

  @Option(help: ArgumentHelp("The soundfont that plays accompaniments.", valueName: "file"))
  var soundfont: String?

  @Option(
    help: "Use only one-shots and backings of this split: \(Split.allCases.map(\.rawValue).joined(separator: ", ")).")
  var split: Split?

  @Option(
    help: "How heavily the loops are mastered: \(MasteringHand.allCases.map(\.rawValue).joined(separator: ", ")).")
  var chain: MasteringHand = .usual

  func validate() throws {
    guard (1...100_000).contains(count) else { throw ValidationError("--count must be between 1 and 100000.") }
  }

  func run() throws {
    var table = try LibraryTable.read(URL(filePath: library))
    var (sources, notices) = try BackingSources.all(
      folders: backings.map { URL(filePath: $0) }, soundFont: soundfont.map { URL(filePath: $0) })
    if let split {
      table = try table.only(split)
      let part = BackingSources.limited(sources, to: split)
      sources = part.sources
      notices += part.notices
    }
    for notice in notices { FileHandle.standardError.write(Data("\(notice)\n".utf8)) }
    let bar = ProgressBar("mixes")
    let folder = URL(filePath: out, directoryHint: .isDirectory)
    let mixes = try Mixer(library: table, backings: sources, chain: chain.ranges).make(
      count, seed: seed, into: folder, progress: bar.handler)
    bar.finish()
    print(MixReport.text(mixes, library: table))
    print("\nThe mixes are in \(folder.path).")
  }
}

extension Split: ExpressibleByArgument {}
extension MasteringHand: ExpressibleByArgument {}
