import Basics
import Foundation
import HTTP
import Lab
import Logging

/// Several studies of a folder, served under one address, each below its name.
struct ServedHouse {
  /// An existing study, served or not.
  struct Room {
    var name: String
    var study: OpenStudy?
  }

  let rooms: [Room]
  let secret: ExperimenterSecret
  let data: URL
  private let listening: Listening

  /// The folders of studies in a folder, by name; none if the folder is itself a study.
  static func studies(in folder: URL) -> [String] {
    let files = FileManager.default
    func isStudy(_ folder: URL) -> Bool { files.fileExists(atPath: folder.appending(path: "study.yaml").path) }
    guard !isStudy(folder) else { return [] }
    let names = (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasPrefix(".") && isStudy(folder.appending(path: $0)) }.sorted()
  }

  /// Prints on standard error which study is ready and which cannot be served; the others are served nevertheless.
  /// - Parameters:
  ///   - names: as `studies(in:)` finds them.
  ///   - data: contains a folder for each study, and the house's own files; nil: each study's data are in the study.
  ///   - records: the database in which each study has a schema; nil: the records are in the data folders.
  /// - Throws: a `Problem` if none of them can be served.
  init(
    _ folder: URL, _ names: [String], data: String?, records: RecordsPlace?, host: String, ports: ClosedRange<Int>,
    basePath: [String],
    limits: Server.Limits, logger: Logger
  ) throws {
    let own = try StudyPlace(study: folder.path, data: data)
    self.data = own.data
    var (rooms, shown) = ([Room](), [House.Room]())
    for (i, name) in names.enumerated() {
      let turn = "\(i + 1) of \(names.count)"
      do {
        guard House.isName(name) else {
          throw Problem(
            "'\(name)' cannot be part of an address", at: Place(file: folder.appending(path: name).path),
            mend:
              "Rename the folder: use letters, digits, dots, hyphens and underscores, but not \(House.taken.joined(separator: ", "))."
          )
        }
        let place = try StudyPlace(
          study: folder.appending(path: name).path, data: data.map { "\($0)/\(name)" },
          records: records?.schema(of: name))
        let study = try OpenStudy(place, among: " of \(name), \(turn)", logger: logger)
        FileHandle.standardError.write(Data("\(name) is ready, \(turn)\n".utf8))
        rooms.append(Room(name: name, study: study))
        shown.append(House.Room(name: name, title: study.design.definition.title, lab: study.lab))
      } catch  where error is Problem || error is Problems {
        FileHandle.standardError.write(Data("\(name) is not served:\n\(error)\n".utf8))
        rooms.append(Room(name: name))
        shown.append(
          House.Room(
            name: name, title: name,
            trouble: House.isName(name)
              ? "'earshot check \(name)' says what is wrong with it"
              : "rename its folder: a part of an address has letters, digits, dots, hyphens and underscores only"))
      }
    }
    guard rooms.contains(where: { $0.study != nil }) else {
      throw Problem(
        "none of these studies can be served", at: Place(file: folder.path), mend: "Fix what is listed above.")
    }
    self.rooms = rooms
    secret = try ExperimenterSecret.load(own.data.appending(path: "secret"))
    let house = try House(
      shown, pages: try Assets.folder(), data: own.data, secret: secret.text, basePath: basePath, logger: logger)
    do { listening = try Listening(house.handler, host: host, ports: ports, limits: limits) } catch {
      for room in rooms { room.study?.close() }
      throw error
    }
  }

  var link: String { listening.link }

  func reload() { for room in rooms { room.study?.reload() } }

  func stop() {
    listening.server.stop()
    for room in rooms { room.study?.close() }
  }
}
