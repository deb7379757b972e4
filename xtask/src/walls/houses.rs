//! The folders that have an order, and the orders: those of ARCHITECTURE.md.

/// Rooms on one floor; `apart` where they may not import each other either.
pub struct Floor {
    pub rooms: &'static [&'static str],
    pub apart: bool,
}

/// A folder and the floors of its rooms, from the lowest up. A room is a folder, or a file without its ending; `*` is
/// every other one.
pub struct House {
    pub folder: &'static str,
    pub floors: &'static [Floor],
}

const fn floor(rooms: &'static [&'static str]) -> Floor {
    Floor { rooms, apart: false }
}

const fn apart(rooms: &'static [&'static str]) -> Floor {
    Floor { rooms, apart: true }
}

pub const HOUSES: [House; 8] = [
    House {
        folder: "crate/src",
        floors: &[
            floor(&["error", "random"]),
            floor(&["text"]),
            floor(&["device"]),
            floor(&["kernels"]),
            floor(&["model"]),
            floor(&["checkpoint"]),
            floor(&["peft"]),
            floor(&["train", "metrics"]),
            floor(&["engine"]),
            floor(&["testing"]),
            floor(&["wasm"]),
            floor(&["lib"]),
        ],
    },
    House {
        folder: "crate/src/kernels",
        floors: &[
            floor(&["*"]),
            floor(&["ops"]),
            floor(&["cpu", "webgpu"]),
            floor(&["clock"]),
            floor(&["measure_tiles", "self_check"]),
        ],
    },
    House {
        folder: "web/src",
        floors: &[
            floor(&["shared"]),
            apart(&["page", "worker"]),
            floor(&["index"]),
            floor(&["node"]),
        ],
    },
    House {
        folder: "web/src/worker",
        floors: &[
            floor(&["storage"]),
            floor(&["downloads"]),
            floor(&["files"]),
            floor(&["engine"]),
            floor(&["session", "targets", "pieces", "saved-scope"]),
            floor(&["answers"]),
            floor(&["keeping"]),
            floor(&["journal", "runs", "requests"]),
            apart(&["onnx", "take-away"]),
            floor(&["open", "adapters", "save"]),
            floor(&["calls"]),
            floor(&["worker-host"]),
            floor(&["worker"]),
        ],
    },
    House {
        folder: "web/studio",
        floors: &[
            floor(&["i18n"]),
            apart(&["data", "widgets"]),
            floor(&["state"]),
            floor(&["actions"]),
            floor(&["views"]),
            floor(&["main"]),
        ],
    },
    House {
        folder: "web/element",
        floors: &[
            floor(&["attributes", "lesson", "work", "styles", "rows", "zip", "kept-name"]),
            floor(&["training", "model", "strings"]),
            floor(&["state", "score"]),
            floor(&["views"]),
            floor(&["teaching"]),
            floor(&["session"]),
            floor(&["element"]),
            floor(&["embed", "scorm"]),
        ],
    },
    House {
        folder: "web/cli",
        floors: &[
            floor(&["options", "say"]),
            floor(&["arguments", "help"]),
            floor(&["rows", "out"]),
            floor(&["model", "config"]),
            floor(&["commands"]),
            floor(&["main"]),
        ],
    },
    House {
        folder: "web/starters",
        floors: &[
            floor(&["words", "band", "headlines", "taste", "data"]),
            floor(&["frame", "model"]),
            apart(&["service", "news", "recommend", "school"]),
            floor(&["starters"]),
        ],
    },
];

/// The folders of web/ that have an order.
pub const WEB: [&str; 5] = ["web/src", "web/studio", "web/element", "web/cli", "web/starters"];
