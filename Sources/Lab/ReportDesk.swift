import Dispatch
import Foundation
import HTTP
import Interface
import Records
import Synchronization

/// The report of a study that is not over: made when somebody asks for it, which is kept, since whoever has seen which
/// system leads is blind no more.
final class ReportDesk: Sendable {
  /// What the lab's page is told of it.
  struct View: Encodable {
    /// `working`, `ready` or `failed`.
    var state: String
    var askedAt: String
    /// Missing for whoever has the study's secret.
    var askedBy: String?
    /// Of one that failed.
    var why: String?
    /// Of a study of several blocks: those that have a report of their own.
    var blocks: [String]?
  }

  /// Writes report.html from the exported tables into a folder.
  typealias Maker = @Sendable (_ folder: URL) throws -> Void

  private let folder: URL
  private let exports: ExportFolder
  private let records: Records
  private let make: Maker?
  private let view = Mutex<View?>(nil)
  private let queue = DispatchQueue(label: "report", qos: .utility)

  /// - Parameters:
  ///   - folder: where it is kept.
  ///   - make: nil where none can be made.
  init(_ folder: URL, exports: ExportFolder, records: Records, make: Maker?) {
    (self.folder, self.exports, self.records, self.make) = (folder, exports, records, make)
    let acts = (try? records.acts(.reported)) ?? []
    if let last = acts.last, FileManager.default.fileExists(atPath: file.path) {
      view.withLock {
        $0 = View(state: "ready", askedAt: last.at, askedBy: last.who.isEmpty ? nil : last.who, blocks: blocks)
      }
    }
  }

  private var file: URL { folder.appending(path: "report.html") }
  private var folderOfBlocks: URL { folder.appending(path: "blocks") }

  /// Those whose report was made; nil where there are none.
  private var blocks: [String]? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folderOfBlocks.path)) ?? []
    return names.isEmpty ? nil : names.sorted()
  }

  var standing: View? { view.withLock { $0 } }

  /// Notes that it was asked for, and begins to make it; one that is being made just then is the one that is meant.
  func ask(by who: String, _ finish: @escaping Answer.Finish) {
    guard let make else { return finish(.failure(Refusal.noReport)) }
    records.note(.reported, by: who, about: "") { [self] result in
      finish(
        result.map {
          let begins = view.withLock { view in
            guard view?.state != "working" else { return false }
            let at = records.now().formatted(.iso8601)
            view = View(state: "working", askedAt: at, askedBy: who.isEmpty ? nil : who)
            return true
          }
          if begins { queue.async { [self] in work(make) } }
          return .json(KeptView())
        })
    }
  }

  private func work(_ make: Maker) {
    var why: String?
    do {
      try exports.writeAll()
      // What an earlier report told of blocks is not of this one.
      try? FileManager.default.removeItem(at: folderOfBlocks)
      try make(folder)
    } catch { why = "\(error)" }
    view.withLock { view in
      view?.state = why == nil ? "ready" : "failed"
      view?.why = why.map { String($0.prefix(500)) }
      view?.blocks = why == nil ? blocks : nil
    }
  }

  /// A page of scripts and styles of its own, which gets nothing of the lab's: it may speak to nobody, and counts as from
  /// elsewhere.
  /// - Parameter block: whose own report is wanted; nil for that of the whole study.
  func response(to request: Request, block: String? = nil) throws -> Response {
    guard let standing, standing.state == "ready", block.map({ standing.blocks?.contains($0) == true }) ?? true,
      let bytes = try? Data(
        contentsOf: block.map { folderOfBlocks.appending(path: "\($0)/report.html") } ?? file)
    else { throw Refusal.notFound }
    var response = Response(200, headers: [Header("Content-Type", "text/html; charset=utf-8")], body: bytes)
    response.headers.append(
      Header(
        PageHeaders.policyName,
        "sandbox allow-scripts allow-popups allow-downloads; default-src 'none'; script-src 'unsafe-inline'; "
          + "style-src 'unsafe-inline'; img-src data:; media-src data:; frame-ancestors 'none'"))
    return response
  }
}
