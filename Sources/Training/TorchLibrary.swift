import Basics
import CTorchBridge
import Foundation

/// The shared library that contains libtorch, which a build with the package trait `LibTorch` puts beside the program.
/// It is opened on first use: loading libtorch takes half a second and a hundred megabytes, and only training needs it.
enum TorchLibrary {
  /// The library's functions; nil if this program was built without it.
  static let bridge: torch_bridge? = opened?.pointee

  private static var opened: UnsafePointer<torch_bridge>? {
    let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let file = program.deletingLastPathComponent().appending(path: "libEarshotTorch.so").path
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    // Kept open until the process ends.
    guard let library = dlopen(file, RTLD_NOW | RTLD_LOCAL), let opening = dlsym(library, TORCH_BRIDGE_OPENING) else {
      let reason = dlerror().map { String(cString: $0) } ?? "unknown"
      FileHandle.standardError.write(Data("Training is not possible: \(reason)\n".utf8))
      return nil
    }
    return unsafeBitCast(opening, to: torch_bridge_opening.self)()
  }
}
