// swift-tools-version: 6.2
// One target per room; `CONTRIBUTING.md` has the map. Rooms import only rooms below them, and each lists exactly what
// it imports, as `Tests/EndToEnd/test_rooms.py` checks.
import PackageDescription

let isGate = Context.environment["CI"] != nil

/// Warnings are errors in the gate. On a researcher's machine, a newer compiler's warning must not stop the build.
let strict: [SwiftSetting] = isGate ? [.treatAllWarnings(as: .error)] : []

/// Compiles a module as a whole and writes its interface in the same go, which is faster than file by file, and lets functions of
/// other files be inlined. The gate compiles all modules like this (see the Makefile).
let whole = [
  "-disable-batch-mode", "-whole-module-optimization", "-num-threads", "2", "-no-emit-module-separately-wmo",
]

/// A C library of the system, found by pkg-config and installed as a Debian package.
func system(_ name: String, _ pkgConfig: String?, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// Debug builds optimise the rooms that work on numbers, too (their tests would compute several times as long otherwise), but for
/// size: optimising them for speed takes longer to compile than it saves. They do not optimise the other rooms.
let numbers = strict + [.unsafeFlags(["-Osize"] + whole, .when(configuration: .debug))]

func room(_ name: String, _ below: Target.Dependency..., of settings: [SwiftSetting] = strict) -> Target {
  .target(name: name, dependencies: below, swiftSettings: settings)
}

func tests(_ room: String, _ extra: Target.Dependency..., of settings: [SwiftSetting] = strict) -> Target {
  .testTarget(
    name: "\(room)Tests", dependencies: [.init(stringLiteral: room)] + extra, swiftSettings: settings)
}

let package = Package(
  name: "earshot",
  products: [
    .executable(name: "earshot", targets: ["earshot"]),
    .library(name: "EarshotTorch", type: .dynamic, targets: ["TorchBridge"]),
  ],
  traits: [.trait(name: "LibTorch", description: "Training by libtorch (Debian: libtorch-dev): 'earshot train'.")],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .executableTarget(
      name: "earshot",
      dependencies: [
        "Basics", "Keys", "Study", "Sound", "Stimuli", "Library", "Synthesis", "Mixing", "Neural", "Retrieval",
        "Records",
        "RecordsSQLite", "RecordsPostgres", "HTTP",
        "Lab",
        "Agreement", "Ratings", "PowerAnalysis",
        "Simulation", "Reporting", "Statistics", "Evaluation", "Interface", "Trials", "Imports", "EmbeddingMap",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        "Training",
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    room(
      "Lab", "Interface", "HTTP", "Records", "Trials", "Study", "Stimuli", "Sound", "Basics", "CMark",
      .product(name: "Logging", package: "swift-log")),
    room("Simulation", "Interface", "Trials", "Stimuli", "Sound", "Study", "Basics"),
    room("Interface", "Trials", "Study", "Basics"),
    .target(
      name: "EmbeddingMap", dependencies: ["Retrieval", "Neural", "Sound", "Statistics", "Pages", "Basics"],
      resources: [.embedInCode("Page/map.css"), .embedInCode("Page/map.js")], swiftSettings: strict),
    .target(
      name: "Agreement",
      dependencies: [
        "Ratings", "Statistics", "Study", "Keys", "Reporting", "Pages", "Basics",
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [.embedInCode("Page/report.js")], swiftSettings: strict),
    room("Ratings", "Reporting", "Statistics", "Study", "Basics", of: numbers),
    room("PowerAnalysis", "Agreement", "Ratings", "Statistics", "Reporting", "Pages", "Basics", of: numbers),
    .target(
      name: "Reporting", dependencies: ["Pages", "Basics"],
      resources: [.embedInCode("Page/page.css"), .embedInCode("Page/charts.js")], swiftSettings: strict),
    .target(
      name: "Evaluation",
      dependencies: ["Retrieval", "Statistics", "Sound", "Reporting", "Pages", "Basics"],
      resources: [
        .embedInCode("Page/evaluation.js"), .embedInCode("Page/examples.css"), .embedInCode("Page/examples.js"),
      ], swiftSettings: strict),
    room("Retrieval", "Neural", "Sound", "Study", "Statistics", "Basics", of: numbers),
    room("Mixing", "Synthesis", "Library", "Sound", "Keys", "Basics", of: numbers),
    room("Synthesis", "Library", "Sound", "Basics", "CFluidSynth", of: numbers),
    room("Library", "Sound", "Basics", of: numbers),
    room("Neural", "Sound", "Statistics", "Basics", "CDNNL", of: numbers),
    room(
      "RecordsSQLite", "Records", "Basics", .product(name: "GRDB", package: "GRDB.swift"),
      .product(name: "GRDBSQLite", package: "GRDB.swift")),
    room("RecordsPostgres", "Records", "Basics", "CPQ"),
    room("Records", "Trials", "Study", "Basics"),
    room(
      "Training", "Retrieval", "Neural", "Mixing", "Library", "Sound", "Keys", "Basics", "CTorchBridge", of: numbers),
    // Training with libtorch, in a library that the program opens when it trains. Without the trait it is empty.
    .target(
      name: "TorchBridge", publicHeadersPath: ".",
      cxxSettings: [.define("EARSHOT_LIBTORCH", .when(traits: ["LibTorch"]))],
      linkerSettings: ["torch", "torch_cpu", "c10"].map { .linkedLibrary($0, .when(traits: ["LibTorch"])) }),
    room("Imports", "Study", "Keys", "Basics", .product(name: "Yams", package: "Yams")),
    room("Trials", "Study", "Keys", "Basics"),
    room("Stimuli", "Sound", "Study", "Basics", of: numbers),
    room("HTTP", "Basics", "CMicrohttpd", "CZlib", .product(name: "Logging", package: "swift-log")),
    room("Sound", "Basics", "CSndfile", "CSoxr", "CEbur128", "CFFTW", of: numbers),
    room("Study", "Keys", "Basics", .product(name: "Yams", package: "Yams"), of: numbers),
    room("Keys", "Basics", .product(name: "Yams", package: "Yams")),
    room("Statistics", "Basics", "COpenBLAS", "CNLopt", of: numbers),
    room("Pages", "Basics"),
    room("Basics", "CSodium", of: numbers),

    system("CSndfile", "sndfile", apt: "libsndfile1-dev"),
    system("CMicrohttpd", "libmicrohttpd", apt: "libmicrohttpd-dev"),
    system("CSoxr", "soxr", apt: "libsoxr-dev"),
    system("CEbur128", "libebur128", apt: "libebur128-dev"),
    system("CFFTW", "fftw3f", apt: "libfftw3-dev"),
    system("CPQ", "libpq", apt: "libpq-dev"),
    system("CSodium", "libsodium", apt: "libsodium-dev"),
    system("CZlib", "zlib", apt: "zlib1g-dev"),
    system("CMark", "libcmark", apt: "libcmark-dev"),
    system("COpenBLAS", "openblas", apt: "libopenblas-dev"),
    system("CNLopt", "nlopt", apt: "libnlopt-dev"),
    system("CFluidSynth", nil, apt: "libfluidsynth-dev"),
    system("CDNNL", nil, apt: "libdnnl-dev"),
    system("CTorchBridge", nil, apt: "libtorch-dev"),

    tests("Simulation", "Trials", "Study", "Basics"),
    tests("Interface"),
    tests("Training", "Neural", "Basics", of: numbers),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Agreement", "Ratings", "Basics", "HTTP", "Interface", "Neural", "Retrieval", "Sound", "Study", "TestSupport",
        "Trials",
      ], path: "Tests/FuzzTargets", swiftSettings: strict),
    .executableTarget(
      name: "Fuzz", dependencies: ["FuzzTargets", "TestSupport", "Basics"], path: "Tests/Fuzz", swiftSettings: strict),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport", "Basics"], swiftSettings: strict),
    .target(name: "TestSupport", dependencies: ["Basics"], path: "Tests/TestSupport", swiftSettings: numbers),
    tests("Basics"),
    tests("HTTP", "Basics", "TestSupport", .product(name: "Logging", package: "swift-log")),
    tests(
      "Records", "RecordsSQLite", "RecordsPostgres", "Trials", "Study", "Basics", "TestSupport",
      .product(name: "GRDB", package: "GRDB.swift")),
    tests(
      "Lab", "Interface", "HTTP", "Records", "RecordsSQLite", "Trials", "Stimuli", "Sound", "Study",
      "Basics", "TestSupport",
      .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log")),
    tests("Library", "Mixing", "Synthesis", "Sound", "Basics", "TestSupport"),
    tests("Sound", "Basics", "TestSupport"),
    tests("Neural", "Sound", "Basics"),
    tests("Stimuli", "Sound", "Study", "Basics", "TestSupport"),
    tests("Study", "Trials", "Keys", "Basics"),
    tests("Imports", "Trials", "Study", "Basics", "TestSupport"),
    // They start the program without importing it, so that they need not wait for it to be compiled.
    .testTarget(
      name: "earshotTests",
      dependencies: ["Records", "RecordsSQLite", "Trials", "Study", "Sound", "Basics", "TestSupport"],
      swiftSettings: strict),
    tests("Statistics", "Basics"),
    .executableTarget(
      name: "Calibration",
      dependencies: ["PowerAnalysis", "Agreement", "Ratings", "Reporting", "Statistics", "Study", "Basics"],
      path: "Tests/Calibration",
      swiftSettings: strict),
    .executableTarget(
      name: "TrainingBench", dependencies: ["Training", "Neural", "Basics"], path: "Tests/Bench/Training",
      exclude: ["peer.py", "run"], swiftSettings: strict),
    .executableTarget(
      name: "ModelsBench", dependencies: ["Statistics"], path: "Tests/Bench/Models", exclude: ["peers.R", "run"],
      swiftSettings: strict),
    .executableTarget(
      name: "RetrievalBench", dependencies: ["Neural", "Retrieval", "Sound", "Basics"], path: "Tests/Bench/Retrieval",
      exclude: ["network.py", "peers.py", "run"], swiftSettings: strict),
    .executableTarget(
      name: "StatisticsBench", dependencies: ["Statistics"], path: "Tests/Bench/Statistics",
      exclude: ["peers.py", "run"], swiftSettings: strict),
    tests("Evaluation", "Retrieval", "Sound", "Reporting", "Basics"),
    tests("Retrieval", "Neural", "Sound", "Study", "Basics", "TestSupport"),
    tests("Agreement", "Ratings", "PowerAnalysis", "Reporting", "Study", "Keys", "Statistics", "Basics", "TestSupport"),
    tests("EmbeddingMap", "Retrieval", "Neural", "Sound", "Basics"),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
