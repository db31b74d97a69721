import Basics
import Foundation

/// Debian packages, downloaded and unpacked below the cache folder, without installing them and without root.
///
/// Packages that are already there, with the checksum that apt reports, are not downloaded again. An interrupted run
/// thus continues with the package it was working on.
public struct PackageStore: Sendable {
  /// Where the packages are kept, downloaded and unpacked.
  public var folder: URL
  /// The folders in which to look for apt-get and dpkg-deb, separated by colons. Nil uses the environment's `PATH`.
  public var path: String?

  public init(folder: URL = CacheFolder.folder("packages"), path: String? = nil) {
    self.folder = folder
    self.path = path
  }

  /// apt's information on the newest version of a package.
  struct Record: Sendable {
    var package: SoundPackage
    var file: String
    var size: Int
    var sha256: String
  }

  /// The folder into which a package is unpacked. It need not exist.
  public func unpacked(_ name: String) -> URL {
    folder.appending(path: "unpacked/\(name)", directoryHint: .isDirectory)
  }

  /// Those of the packages that are already unpacked.
  public func present(_ packages: [SoundPackage]) -> [SoundPackage] {
    packages.filter { FileManager.default.fileExists(atPath: stamp($0.name).path) }
  }

  /// Makes packages available: asks apt, downloads what is missing, checks and unpacks it.
  ///
  /// - Parameter progress: reports progress in kilobytes.
  /// - Returns: the packages that are available, and problems with the others. A package that cannot be downloaded now
  ///   but was unpacked earlier is available.
  public func fetch(
    _ packages: [SoundPackage], progress: ProgressHandler? = nil
  ) -> (ready: [SoundPackage], failures: [Problem]) {
    var failures: [(package: String, problem: Problem)] = []
    var ready: Set<String> = []
    var records: [Record] = []
    func keep(_ package: SoundPackage, from error: any Error) {
      if isUnpacked(package) {
        ready.insert(package.name)
      } else {
        failures.append((package.name, error as? Problem ?? Problem("\(error)", mend: "")))
      }
    }
    for package in packages {
      do { records.append(try record(package)) } catch { keep(package, from: error) }
    }
    let total = records.reduce(0) { $0 + $1.size }
    var done = 0, failed = 0
    for record in records {
      let before = done
      do {
        if try !isUnpacked(record) {
          // After two failures in a row, the network is probably down; waiting for each of the others would be
          // pointless.
          guard failed < 2 else {
            throw Problem("not tried, after other failures", mend: "Build again once the network is back.")
          }
          try download(record) { progress?((before + $0) / 1000, total / 1000) }
          failed = 0
          try unpack(record)
        }
        ready.insert(record.package.name)
      } catch {
        failed += 1
        keep(record.package, from: error)
      }
      done += record.size
      progress?(done / 1000, max(total / 1000, 1))
    }
    return (packages.filter { ready.contains($0.name) }, Self.summary(failures))
  }

  /// One problem for all packages that fail for the same reason. They are warnings, because the other packages are
  /// usable.
  private static func summary(_ failures: [(package: String, problem: Problem)]) -> [Problem] {
    var order: [Problem] = []
    var names: [Problem: [String]] = [:]
    for (package, problem) in failures {
      if names[problem] == nil { order.append(problem) }
      names[problem, default: []].append(package)
    }
    return order.map { problem in
      Problem(
        "\(names[problem, default: []].joined(separator: ", ")): \(problem.what).", mend: problem.mend,
        severity: .warning)
    }
  }

  private var downloads: URL { folder.appending(path: "debs", directoryHint: .isDirectory) }
  /// A file with the checksum of the unpacked package, written last.
  private func stamp(_ name: String) -> URL { folder.appending(path: "unpacked/\(name).sha256") }

  private func isUnpacked(_ package: SoundPackage) -> Bool {
    FileManager.default.fileExists(atPath: stamp(package.name).path)
  }

  private func isUnpacked(_ record: Record) throws -> Bool {
    (try? InputFile.text(stamp(record.package.name))) == record.sha256
  }

  private func record(_ package: SoundPackage) throws -> Record {
    guard Tool.find("apt-get", path: path) != nil, Tool.find("dpkg-deb", path: path) != nil else {
      throw Problem(
        "there is no apt on this machine",
        mend: "Packages need Debian or a system based on it; use --set synth or --add FOLDER.")
    }
    let result = try Tool.run("apt-get", ["download", "--print-uris", package.name], path: path)
    // 'http://…/name_1.0_all.deb' name_1.0_all.deb 12345 SHA256:abc…
    let words = result.output.split(separator: "\n").last.map { $0.split(separator: " ").map(String.init) } ?? []
    guard result.status == 0, words.count >= 4, let size = Int(words[2]), let sha256 = try checksum(package, words[3])
    else {
      throw Problem(
        "apt does not know this package", mend: "Run 'apt-get update' as root, then build again.")
    }
    return Record(package: package, file: words[1], size: size, sha256: sha256)
  }

  /// Some archives print a longer hash with the URL. Their record also contains the SHA-256.
  private func checksum(_ package: SoundPackage, _ printed: String) throws -> String? {
    let prefix = "SHA256:"
    if printed.hasPrefix(prefix) { return String(printed.dropFirst(prefix.count)) }
    let record = try Tool.run("apt-cache", ["show", "--no-all-versions", package.name], path: path)
    return record.output.split(separator: "\n").first { $0.hasPrefix(prefix) }
      .map { $0.dropFirst(prefix.count).trimmingCharacters(in: .whitespaces) }
  }

  private func download(_ record: Record, progress: @escaping @Sendable (_ bytes: Int) -> Void) throws {
    try FileManager.default.createDirectory(at: downloads, withIntermediateDirectories: true)
    let file = downloads.appending(path: record.file)
    if (try? ContentHash.ofFile(file)) == record.sha256 { return }
    let watch = DispatchSource.makeTimerSource(queue: .global())
    watch.schedule(deadline: .now(), repeating: .milliseconds(200))
    watch.setEventHandler {
      let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
      progress((attributes?[.size] as? Int) ?? 0)
    }
    watch.resume()
    defer { watch.cancel() }
    let patience = ["Acquire::Retries=1", "Acquire::http::Timeout=20", "Acquire::https::Timeout=20"]
    let result = try Tool.run(
      "apt-get", ["download", "-q", record.package.name] + patience.flatMap { ["-o", $0] }, in: downloads, path: path)
    guard result.status == 0, FileManager.default.fileExists(atPath: file.path) else {
      // Example: E: Failed to fetch http://… <two spaces> Temporary failure resolving …
      let line = result.complaint.split(separator: "\n").first { $0.hasPrefix("E: ") }.map { String($0.dropFirst(3)) }
      let cause = line.map { line in line.range(of: "  ").map { String(line[$0.upperBound...]) } ?? line }
      throw Problem(
        "the download failed (\(cause ?? "apt-get gave no reason"))",
        mend: "Check the network and build again; finished downloads are kept.")
    }
    guard try ContentHash.ofFile(file) == record.sha256 else {
      try? FileManager.default.removeItem(at: file)
      throw Problem(
        "its checksum is not the one that apt expects", mend: "Build again to download it again.")
    }
  }

  private func unpack(_ record: Record) throws {
    let name = record.package.name
    let part = folder.appending(path: "unpacked/.\(name).part", directoryHint: .isDirectory)
    try? FileManager.default.removeItem(at: part)
    try? FileManager.default.removeItem(at: stamp(name))
    try FileManager.default.createDirectory(at: part, withIntermediateDirectories: true)
    let result = try Tool.run(
      "dpkg-deb", ["-x", downloads.appending(path: record.file).path, part.path], path: path)
    guard result.status == 0 else {
      throw Problem("it could not be unpacked (\(result.lastComplaint))", mend: "Is the disk full?")
    }
    try? FileManager.default.removeItem(at: unpacked(name))
    try FileManager.default.moveItem(at: part, to: unpacked(name))
    try Data(record.sha256.utf8).write(to: stamp(name), options: .atomic)
    // The download is no longer needed, since its content is unpacked.
    try? FileManager.default.removeItem(at: downloads.appending(path: record.file))
  }
}
