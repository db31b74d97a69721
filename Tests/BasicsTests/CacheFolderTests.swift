import Basics
import Testing

@Suite("The cache folder")
struct CacheFolderTests {
  @Test("the environment variable names it; otherwise it is below the home folder")
  func root() {
    #expect(CacheFolder.root(environment: ["EARSHOT_CACHE": "/c", "HOME": "/h"]).path == "/c")
    #expect(CacheFolder.root(environment: ["EARSHOT_CACHE": "", "HOME": "/h"]).path == "/h/.cache/earshot")
    #expect(CacheFolder.folder("library/demo", environment: ["EARSHOT_CACHE": "/c"]).path == "/c/library/demo")
  }
}
