import Basics
import Foundation
import Sound

/// Where the page gets its sounds from.
public enum MapSounds: String, Sendable, CaseIterable {
  /// The library, through links. Nothing is copied, and nothing may be moved.
  case links
  /// Folders beside the page, with unchanged copies. The whole folder may be moved and shared.
  case copy
  /// The page itself, as one channel with 16 bits, cut to `longest`. The file plays anywhere.
  case embed
  /// Nowhere: the page is silent.
  case none

  /// How much of a one-shot and of a mix is embedded, in seconds.
  public static let longest = 1.0, longestMix = 6.0
  /// The most embedded sound, in bytes. Pages with more are refused, because browsers keep several copies in memory.
  public static let most = 200_000_000

  /// What the page receives for each file, in order: a link, FLAC in base 64, or nothing.
  func prepare(_ files: [URL], folder: String, longest: Double, for page: URL, progress: ProgressHandler?) throws
    -> [String]
  {
    let beside = page.deletingLastPathComponent()
    switch self {
    case .none: return files.map { _ in "" }
    case .links: return files.map { Self.link(to: $0, from: beside) }
    case .copy:
      let target = beside.appending(path: folder, directoryHint: .isDirectory)
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      var taken: Set<String> = []
      let names = files.map { file -> String in
        var name = file.lastPathComponent, count = 1
        while !taken.insert(name).inserted {
          count += 1
          name = "\(file.deletingPathExtension().lastPathComponent)-\(count).\(file.pathExtension)"
        }
        return name
      }
      return try parallelMap(Array(zip(files, names)), progress: progress) { file, name in
        let copy = target.appending(path: name)
        // If the target is the library's own folder, a sound would replace itself.
        if copy.resolvingSymlinksInPath().path == file.resolvingSymlinksInPath().path {
          return Self.link(to: copy, from: beside)
        }
        do {
          try? FileManager.default.removeItem(at: copy)
          try FileManager.default.copyItem(at: file, to: copy)
        } catch {
          throw Problem(
            "the sound could not be copied: \(error.localizedDescription)", at: Place(file: file.path),
            mend: "Check that it exists and that the disk has space, or use --sounds links.")
        }
        return Self.link(to: copy, from: beside)
      }
    case .embed:
      let scratch = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: scratch) }
      let parts = try parallelMap(Array(files.enumerated()), progress: progress) { i, file in
        let part = scratch.appending(path: "\(i).flac")
        try AudioFile.write(Self.short(try AudioFile.read(file), longest), to: part, as: .flac16)
        defer { try? FileManager.default.removeItem(at: part) }
        return try InputFile.data(part).base64EncodedString()
      }
      let size = parts.reduce(0) { $0 + $1.utf8.count }
      guard size <= Self.most else {
        throw Problem(
          "\(files.count, "sound makes", "sounds make") a page of \(size / 1_000_000) MB",
          mend: "Use --sounds copy or --sounds links, or fewer sounds with --split.")
      }
      return parts
    }
  }

  /// The first seconds as one channel. Where the sound is cut, it is faded out over 20 ms to avoid a click.
  static func short(_ clip: Clip, _ longest: Double) -> Clip {
    let all = clip.mono, count = min(all.count, Int(longest * Double(clip.sampleRate)))
    var samples = Array(all.prefix(count))
    if count < all.count {
      let fade = min(count, clip.sampleRate / 50)
      for i in 0..<fade { samples[count - 1 - i] *= Float(i) / Float(fade) }
    }
    return Clip(mono: samples, sampleRate: clip.sampleRate)
  }

  /// A relative URL with special characters escaped.
  static func link(to file: URL, from folder: URL) -> String {
    func parts(_ url: URL) -> [String] { url.absoluteURL.standardizedFileURL.pathComponents.filter { $0 != "/" } }
    let from = parts(folder), to = parts(file)
    var shared = 0
    while shared < min(from.count, to.count - 1), from[shared] == to[shared] { shared += 1 }
    let plain = CharacterSet.alphanumerics.intersection(
      CharacterSet(charactersIn: Unicode.Scalar(0)..<Unicode.Scalar(128))
    )
    .union(CharacterSet(charactersIn: "-._~"))
    let steps =
      Array(repeating: "..", count: from.count - shared)
      + to[shared...].map { $0.addingPercentEncoding(withAllowedCharacters: plain) ?? $0 }
    return steps.joined(separator: "/")
  }
}
