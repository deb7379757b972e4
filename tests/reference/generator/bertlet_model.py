"""Takes: a checkpoint folder and a pooling. Gives: the classifier in Python that bertlet's saved folders bring along,
on that encoder. May not touch: files. Used by the generator, ../real_peft.py and ../check_adapter.py."""
import importlib.util
import pathlib

import transformers

CODE = pathlib.Path(__file__).resolve().parents[3] / "crate/src/checkpoint/modeling_bertlet.py"


def load(folder: pathlib.Path, pooling: str, classes: int, adapter_size: int | None = None,
         **changes: object) -> transformers.BertPreTrainedModel:
    """`pooling` "pooler" without bottlenecks is transformers' own class. A head of another size than `classes` is made anew.
    `changes` go into the configuration."""
    config = transformers.BertConfig.from_pretrained(str(folder), num_labels=classes, **changes)
    kind = transformers.BertForSequenceClassification
    if pooling != "pooler" or adapter_size is not None:
        config.bertlet = {"pooling": pooling, "adapter_size": adapter_size}
        source = importlib.util.spec_from_file_location("modeling_bertlet", CODE)
        module = importlib.util.module_from_spec(source)
        source.loader.exec_module(module)
        kind = module.BertletForSequenceClassification
    model = kind.from_pretrained(str(folder), config=config, ignore_mismatched_sizes=True)
    if kind is not transformers.BertForSequenceClassification:
        # Its bias is [1, classes], so a plain folder's does not load.
        plain = transformers.BertForSequenceClassification.from_pretrained(
            str(folder), config=config, ignore_mismatched_sizes=True)
        model.classifier.bias.data = plain.classifier.bias.data.reshape(1, -1)
    return model
