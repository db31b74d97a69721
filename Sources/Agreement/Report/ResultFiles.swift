import Foundation
import Reporting

extension Findings {
  /// Writes report.html, results.json and a CSV file for each table into a folder, which is made if need be.
  /// - Returns: the files, the report first.
  @discardableResult
  public func write(to folder: URL) throws -> [URL] {
    try ResultFiles.write(page: Report(self).html, json: json, tables: tables, to: folder)
  }
}
