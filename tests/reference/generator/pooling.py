"""Takes: the encoder's output and the attention mask. Gives: one vector a row, the four ways that
bertlet knows. May not touch: anything; pure functions on tensors."""
import torch


def mean(hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """[batch, seq_len, hidden] and [batch, seq_len] to [batch, hidden]: the mean over real tokens."""
    mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * mask).sum(1) / mask.sum(1)


def maximum(hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """[batch, seq_len, hidden] and [batch, seq_len] to [batch, hidden]: the maximum over real tokens."""
    return hidden.masked_fill(attention_mask.unsqueeze(-1) == 0, float("-inf")).max(1).values


def pool(kind: str, output: object, attention_mask: torch.Tensor) -> torch.Tensor:
    """`output` is what transformers' BertModel gives; "pooler" is its pooler: tanh of a dense layer on [CLS]; "cls" is
    the state of [CLS] itself."""
    if kind == "pooler":
        return output.pooler_output
    if kind == "cls":
        return output.last_hidden_state[:, 0]
    return {"mean": mean, "max": maximum}[kind](output.last_hidden_state, attention_mask)
