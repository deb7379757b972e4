"""Makes the forms of an ONNX model that people run: fused, and fused with 8-bit weights, by onnxruntime's own tools.

Takes the exported model, the number of heads, the hidden size, and the folder for fused.onnx and int8.onnx.
"""

import sys
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.optimizer import optimize_model

exported, heads, hidden, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])

# Level 0: these fusions alone, for any machine; the session adds its own.
model = optimize_model(exported, model_type="bert", num_heads=heads, hidden_size=hidden, opt_level=0)
fused = model.get_fused_operator_statistics()
missing = [name for name in ("Attention", "SkipLayerNormalization", "BiasGelu") if not fused[name]]
if missing:
    sys.exit(f"expected every fusion, found none of {', '.join(missing)}")
model.save_model_to_file(str(folder / "fused.onnx"))
# As transformers.js' own script asks: only products whose right side is a weight.
options = {"EnableSubgraph": True, "MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT}
quantize_dynamic(folder / "fused.onnx", folder / "int8.onnx", weight_type=QuantType.QInt8, extra_options=options)
onnx.checker.check_model(str(folder / "fused.onnx"))
