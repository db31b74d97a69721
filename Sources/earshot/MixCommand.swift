import ArgumentParser
import Basics
import Foundation
import Library
import Mixing

struct MixCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mix", abstract: "Make query loops whose drums are known.",
    discussion: """
      Each loop holds a drum-less backing at 67.5 to 126 beats a minute, a kick, a snare and a hi-hat of the library in \
      one of a dozen rhythms, and a mastering chain: equaliser, compressor, reverb, exciter and limiter. Loops are \
      stereo, 44.1 kHz, two bars or more, and seamless.

      mixes.csv has a row for each loop and drum: which one-shot plays, when, how loud, and every knob of the chain. \
      The same seed, library and programs give the same loops.

      Backings are accompaniments of mma where it is installed with a General MIDI soundfont, recorded loops of the \
      downloaded packages and of --backings, and always some that are synthesised.

      A library that is split (see 'earshot library build --set full') gives mixes of one split with --split: one-shots \
      and backings of that split alone. --chain hard masters them more heavily than any training mix.

      Examples:
        earshot mix --library library --out mixes
        earshot mix --library library --out mixes --count 60 --seed 7 --backings my-loops
        earshot mix --library library --split test --chain hard --count 160 --out test
      """)

  @Option(help: ArgumentHelp("The library of one-shots, made by 'earshot library build'.", valueName: "folder"))
  var library: String

  @Option(help: ArgumentHelp("The folder to make mixes in.", valueName: "folder"))
  var out: String

  @Option(help: "How many loops.")
  var count = 24

  @Option(help: "The same seed gives the same loops.")
  var seed: UInt64 = 1

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Folders of your own loops without drums, cut to whole bars; their length gives their tempo.",
      valueName: "folders"))
  var backings: [String] = []

  @Option(help: ArgumentHelp("The soundfont that plays accompaniments.", valueName: "file"))
  var soundfont: String?

  @Option(help: "Only one-shots and backings of a split: \(Split.allCases.map(\.rawValue).joined(separator: ", ")).")
  var split: Split?

  @Option(help: "How the loops are mastered: \(MasteringHand.allCases.map(\.rawValue).joined(separator: ", ")).")
  var chain: MasteringHand = .usual

  func validate() throws {
    guard (1...100_000).contains(count) else { throw ValidationError("--count goes from 1 to 100000.") }
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
