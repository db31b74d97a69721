import Basics
import Foundation

/// Vega (BSD-3-Clause), as Debian's libjs-vega installs it: one file per module. They are put into a page, so that it
/// opens offline. Debian packages Vega, not Vega-Lite, so the charts are written in plain Vega; its interpreter module
/// evaluates expressions without `eval`, so a page can forbid that.
public struct ChartLibrary: Sendable {
  public static let modules = [
    "util", "dataflow", "loader", "format", "time", "scale", "statistics", "transforms", "scenegraph", "canvas",
    "functions", "runtime", "parser", "view", "view-transforms", "encode", "expression", "event-selector", "selection",
    "interpreter",
  ]

  /// JavaScript that defines `chartModules`, a function of `exports, require, module` for each module.
  public let script: String

  /// Nil where the package is not installed. `EARSHOT_VEGA` names another folder.
  public init?(folder: URL? = nil) {
    let folder =
      folder
      ?? URL(filePath: ProcessInfo.processInfo.environment["EARSHOT_VEGA"] ?? "/usr/share/javascript/vega")
    var parts = ["const chartModules = {};"]
    for module in Self.modules {
      guard let code = try? InputFile.text(folder.appending(path: "vega-\(module).min.js")) else {
        return nil
      }
      // A closing tag inside a string would end the script element; in JavaScript the two spellings are the same.
      let safe = code.replacing("</script", with: "<\\/script").replacing("//# sourceMappingURL", with: "// map")
      parts.append("chartModules[\"vega-\(module)\"] = function (exports, require, module) {\(safe)\n};")
    }
    script = parts.joined(separator: "\n")
  }
}
