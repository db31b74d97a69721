import Basics
import Foundation
import Library
import Synthesis

/// The sources of backings that are available on this machine.
public enum BackingSources {
  /// - Parameters:
  ///   - folders: folders with the user's own loops.
  ///   - packages: the package store. Loops and soundfonts of every package that was unpacked there are used.
  ///   - soundFont: the soundfont for accompaniments; nil uses the best one that is found.
  /// - Returns: at least one source, and notices to show the user about missing sources and loops that were left out.
  /// - Throws: a `Problem` if a folder does not exist.
  public static func all(
    folders: [URL] = [], packages: PackageStore = PackageStore(), soundFont: URL? = nil
  ) throws -> (sources: [any BackingSource], notices: [Problem]) {
    var sources: [any BackingSource] = []
    var notices: [Problem] = []
    do {
      sources.append(try Accompaniments(soundFont: soundFont ?? SoundFontFinder.find(packages: packages.folder)))
    } catch var problem
      as Problem
    {
      problem.severity = .warning
      problem.what = "no accompaniments: \(problem.what)."
      notices.append(problem)
    }
    let loops =
      try packages.loops()
      + folders.flatMap { folder -> [RecordedLoops.Loop] in
        let (loops, leftOut) = try RecordedLoops.inFolder(folder)
        notices += leftOut
        if loops.isEmpty {
          notices.append(
            Problem(
              "no loop in this folder fits", at: Place(file: folder.path),
              mend: "Loops are cut to 1, 2, 4 or 8 whole bars of four beats at 67.5 to 126 beats a minute.",
              severity: .warning))
        }
        return loops
      }
    if let recorded = RecordedLoops(loops) { sources.append(recorded) }
    sources.append(SynthBackings(weight: sources.isEmpty ? 1 : 0.5))
    return (sources, notices)
  }

  /// The parts of these sources that are reserved for a split. If there are none, as on a machine that has only the
  /// synthesiser, the synthesiser is used anyway, and a notice says so: its voices are then in every split.
  public static func limited(
    _ sources: [any BackingSource], to split: Split
  ) -> (sources: [any BackingSource], notices: [Problem]) {
    let parts = sources.compactMap { $0.limited(to: split) }
    guard parts.isEmpty else { return (parts, []) }
    let notice = Problem(
      "no backing is reserved for \(split.rawValue), so synthesised ones are used.",
      mend: "Install 'mma' and a General MIDI soundfont for loops that differ between the splits.", severity: .warning)
    return ([SynthBackings()], [notice])
  }
}
