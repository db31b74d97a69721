import Foundation
import TestSupport
import Testing

/// Whatever is in place of a file that a study or a table names, no command waits for it or crashes.
@Suite("Files that are not files, through the command line")
struct HostileFilesTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-odd-\(UUID().uuidString)")

  private func write(_ name: String, _ lines: [String]) throws {
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: name))
  }

  private func make() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let hit = (0..<9000).map { 0.5 * expf(-Float($0) / 2000) * sinf(Float($0) * 0.05) }
    let loop = (0..<44100).map { 0.2 * sinf(Float($0) * 0.03) }
    for name in ["a", "b"] { try RawSounds.wav(hit).write(to: folder.appending(path: "\(name).wav")) }
    try RawSounds.wav(loop).write(to: folder.appending(path: "loop.wav"))
    try write("q.csv", ["query,file", "loop,loop.wav"])
    try write("c.csv", ["candidate,file", "a,a.wav", "b,b.wav"])
    try write("r.csv", ["query,system,rank,candidate", "loop,mine,1,a", "loop,mine,2,b"])
    try write("welcome.md", ["Hello"])
    try write("analysis.yaml", ["permutations: 100"])
    try write(
      "study.yaml",
      [
        "title: T", "consent: {text: ok}", "texts: {welcome: {file: welcome.md}}",
        "sounds: {queries: q.csv, candidates: c.csv, rankings: r.csv}",
        "pool: {top_k: 2, max_per_trial: 5, random_fillers: 0, anchor_lowpass_hz: none, hidden_reference: false}",
        "trials: {training: 0, repeats: 0, catches: 0}",
      ])
  }

  /// What may be in a file's place: how problems describe it, and a closure that makes it at a path.
  private static let odd: [(String, @Sendable (String) -> Void)] = [
    ("a pipe", { _ = mkfifo($0, 0o600) }), ("a folder", { _ = mkdir($0, 0o700) }),
    ("a device", { _ = symlink("/dev/zero", $0) }),
  ]

  @Test(
    "check, prepare and export name anything that is not a file, whichever file it replaces", .timeLimit(.minutes(5)),
    arguments: ["study.yaml", "welcome.md", "analysis.yaml", "q.csv", "c.csv", "r.csv", "a.wav", "loop.wav"])
  func study(file: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make()
    let good = try CommandTests.earshot("check", folder.path)
    #expect(good.status == 0, "\(good.output)")
    for (words, stand) in Self.odd {
      try FileManager.default.removeItem(at: folder.appending(path: file))
      stand(folder.appending(path: file).path)
      let check = try CommandTests.earshot("check", folder.path)
      #expect(check.status == 1 && check.output.contains(words), "\(words): \(check.output)")
      #expect(check.output.contains(file), "\(words): \(check.output)")
      // Only an analysis reads the plan.
      if file != "analysis.yaml" {
        let prepare = try CommandTests.earshot("prepare", folder.path)
        #expect(prepare.status == 1 && prepare.output.contains(words), "\(words): \(prepare.output)")
      }
    }
  }

  @Test("a plan that is a dangling link is reported, and no other is used instead")
  func brokenLink() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make()
    try FileManager.default.removeItem(at: folder.appending(path: "analysis.yaml"))
    #expect(symlink("plan-of-2020.yaml", folder.appending(path: "analysis.yaml").path) == 0)
    let check = try CommandTests.earshot("check", folder.path)
    #expect(check.status == 1 && check.output.contains("a link to 'plan-of-2020.yaml'"), "\(check.output)")
  }

  @Test("analyze, rank and mix name anything that is not a file", .timeLimit(.minutes(5)))
  func tables() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make()
    try write("library.csv", ["candidate,condition,file", "a,kick,a.wav", "b,kick,b.wav"])
    try write("mixes.csv", ["query,condition,file,reference", "m,kick,loop.wav,a"])
    let commands = { (file: String) -> [[String]] in
      let path = folder.appending(path: file).path, out = folder.appending(path: "out").path
      return [
        ["analyze", "--ratings", path, "--out", out], ["analyze", "--choices", path, "--out", out],
        ["analyze", "--ratings", folder.appending(path: "q.csv").path, "--plan", path, "--out", out],
        ["rank", "--library", path, "--mixes", folder.path, "--system", "mfcc", "--out", out],
        ["rank", "--library", folder.path, "--mixes", path, "--system", "mfcc", "--out", out],
        ["rank", "--library", folder.path, "--mixes", folder.path, "--check", path],
        ["rank", "--library", folder.path, "--mixes", folder.path, "--vectors", "v=\(path)", "--out", out],
        ["rank", "--library", folder.path, "--mixes", folder.path, "--vectors", "v=\(path).npy", "--out", out],
        ["rank", "--library", folder.path, "--mixes", folder.path, "--model", path, "--out", out],
        ["mix", "--library", path, "--out", out], ["train", "--settings", path, "--print-settings"],
      ]
    }
    for (name, words) in [("pipe", "a pipe"), ("pipe.npy", "a pipe"), ("zero", "a device"), ("zero.npy", "a device")] {
      let path = folder.appending(path: name).path
      if words == "a pipe" { mkfifo(path, 0o600) } else { symlink("/dev/zero", path) }
    }
    for (name, words) in [("pipe", "this is a pipe, not a file"), ("zero", "this is a device, not a file")] {
      for command in commands(name) {
        let said = try CommandTests.earshot(command)
        #expect(said.status == 1 && said.output.contains(words), "\(command): \(said.output)")
      }
    }
  }

  @Test("a sound that is a pipe does not crash a ranking or a library, and is named", .timeLimit(.minutes(5)))
  func sounds() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try make()
    try write("library.csv", ["candidate,condition,file", "a,kick,a.wav", "b,kick,b.wav"])
    try write("mixes.csv", ["query,condition,file,reference", "m,kick,loop.wav,a"])
    try FileManager.default.removeItem(at: folder.appending(path: "a.wav"))
    mkfifo(folder.appending(path: "a.wav").path, 0o600)
    for system in ["mfcc", "mfcc-hit"] {
      let said = try CommandTests.earshot(
        "rank", "--library", folder.path, "--mixes", folder.path, "--system", system, "--out",
        folder.appending(path: "out.csv").path)
      #expect(said.status == 1 && said.output.contains("a.wav") && said.output.contains("a pipe"), "\(said.output)")
    }
  }
}
