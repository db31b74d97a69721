import Basics
import Foundation
import Library
import Synthesis

/// The sources of backings that this machine has.
public enum BackingSources {
  /// - Parameters:
  ///   - folders: of the user's own loops.
  ///   - packages: their loops and soundfonts are used as far as they were unpacked.
  ///   - soundFont: nil takes the best that is found.
  /// - Returns: at least one source, and what to tell the user about those that are missing.
  /// - Throws: a `Problem` for a folder that is not there.
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

  /// What of these sources a split may hear. Where nothing is left, as on a machine with the synthesiser alone, it steps
  /// in after all, and a notice says that its voices are in every split.
  public static func limited(
    _ sources: [any BackingSource], to split: Split
  ) -> (sources: [any BackingSource], notices: [Problem]) {
    let parts = sources.compactMap { $0.limited(to: split) }
    guard parts.isEmpty else { return (parts, []) }
    let notice = Problem(
      "no backing is for \(split.rawValue) alone: synthesised ones take their place.",
      mend: "Install 'mma' and a General MIDI soundfont for loops that differ between the splits.", severity: .warning)
    return ([SynthBackings()], [notice])
  }
}
