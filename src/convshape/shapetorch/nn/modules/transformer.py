"""Transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....errors import ShapeError, UnknownOperation
from ... import dtypes
from ...arguments import one_of, shape
from ...ops.creation import full
from ...ops.rearranging import triu
from ...tensor import Tensor, tensor
from .. import functional as F
from .attention import MultiheadAttention
from .container import ModuleList
from .dropout import Dropout
from .layer import Layer
from .linear import Linear
from .module import Module
from .normalization import LayerNorm

Activation = str | Callable[[Tensor], Tensor]

#: More layers than anybody stacks; torch would fill the memory with them.
_MOST_LAYERS = 10_000


def _get_clones(module: Module, N: int) -> ModuleList:  # noqa: N803 - torch's name
    from copy import deepcopy

    return ModuleList(deepcopy(module) for _ in range(N))


def _get_activation_fn(activation: str) -> Any:
    one_of("activation", activation, ("relu", "gelu"))
    return F.relu if activation == "relu" else F.gelu


class _Composed(Layer):
    """A layer made of others, which remembers what they are made with."""

    #: The arguments that it keeps itself.
    _kept: tuple[str, ...]

    def _keep(self, arguments: dict[str, Any]) -> None:
        self.__dict__.update({name: arguments.pop(name) for name in self._kept})
        del arguments["device"]
        dtype = arguments.pop("dtype")
        self._arguments = arguments
        self._compose(arguments, dtype)

    def _compose(self, arguments: dict[str, Any], dtype: dtypes.dtype | None) -> None:
        raise NotImplementedError


class _TransformerLayer(_Composed):
    """What encoder and decoder layers share: blocks added to what came in, and normalised."""

    _kept = ("norm_first",)
    _attentions: tuple[str, ...]
    d_model: int
    nhead: int
    dim_feedforward: int = 2048
    dropout: Any = 0.1
    activation: Any = F.relu
    layer_norm_eps: float = 1e-5
    batch_first: bool = False
    norm_first: bool = False
    bias: bool = True
    device: object = None
    dtype: dtypes.dtype | None = None

    def _compose(self, arguments: dict[str, Any], dtype: dtypes.dtype | None) -> None:
        d_model, dropout, activation, bias = (
            arguments[name] for name in ("d_model", "dropout", "activation", "bias")
        )
        wide, eps = arguments["dim_feedforward"], arguments["layer_norm_eps"]
        shared = {"bias": bias, "batch_first": arguments["batch_first"], "dtype": dtype}
        for name in self._attentions:
            attention = MultiheadAttention(d_model, arguments["nhead"], dropout, **shared)
            setattr(self, name, attention)
        self.linear1 = Linear(d_model, wide, bias, dtype=dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(wide, d_model, bias, dtype=dtype)
        blocks = range(1, len(self._attentions) + 2)
        for i in blocks:
            setattr(self, f"norm{i}", LayerNorm(d_model, eps, bias=bias, dtype=dtype))
        for i in blocks:
            setattr(self, f"dropout{i}", Dropout(dropout))
        if isinstance(activation, str):
            activation = _get_activation_fn(activation)
        self.activation = activation

    def _check_features(self, name: str, value: Any) -> None:
        if not isinstance(self.self_attn, MultiheadAttention):
            return  # of somebody's own
        features = self.self_attn.embed_dim
        if tensor(name, value).shape[-1:] != (features,):
            raise ShapeError(
                f"expects d_model={features} features, but receives {shape(value.shape)} as {name}",
                change={"d_model": value.shape[-1]} if value.shape else None,
            )

    def _add(self, x: Tensor, block: Callable[[Tensor], Tensor], number: int) -> Any:
        """Add to `x` what a block makes of it, and normalise: before the block or after the sum."""
        norm = getattr(self, f"norm{number}")
        return x + block(norm(x)) if self.norm_first else norm(x + block(x))

    # The blocks, by torch's names: subclasses have their own.

    def _sa_block(
        self,
        x: Tensor,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool = False,
    ) -> Any:
        attended = _attended(self.self_attn, x, x, attn_mask, key_padding_mask, is_causal)
        return self.dropout1(attended)

    def _ff_block(self, x: Tensor) -> Any:
        if not callable(self.activation):
            raise ShapeError(f"needs a function as activation, but has {self.activation!r}")
        last = getattr(self, f"dropout{len(self._attentions) + 1}")
        return last(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoderLayer(_TransformerLayer):
    """Self-attention and linear layers, added to their input and normalised: the shape stays.

    Args:
        d_model: features of the sequence.
        nhead: how many heads attend.
        dim_feedforward: features between the two linear layers.
        dropout: the probability with which an element is zeroed while training.
        activation: between the two linear layers: ``"relu"``, ``"gelu"`` or a function of a tensor.
        layer_norm_eps: added to the variances.
        batch_first: whether a batch is ``(N, L, d_model)`` instead of ``(L, N, d_model)``.
        norm_first: whether the input of each part is normalised, instead of the sum.
        bias: whether linear layers and normalisations add one.

    Raises:
        ShapeError: `d_model` is not divisible by `nhead`, or an argument has no allowed value; when
            called: the sequence does not have `d_model` features, a mask is not ``(L, L)`` or
            ``(N·nhead, L, L)``, or a padding mask is not ``(N, L)``.
    """

    _example = ("TransformerEncoderLayer(512, 8, batch_first=True)", "10x512")
    _attentions = ("self_attn",)

    def forward(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Any:
        """Encode ``(L, N, d_model)``, by `batch_first` ``(N, L, d_model)``, or ``(L, d_model)``."""
        self._check_features("src", src)
        padding = F.additive_mask("src_key_padding_mask", src_key_padding_mask, src.dtype)
        mask = F.additive_mask("src_mask", src_mask, src.dtype)
        x = self._add(src, lambda x: self._sa_block(x, mask, padding, is_causal=is_causal), 1)
        return self._add(x, self._ff_block, 2)


class TransformerDecoderLayer(_TransformerLayer):
    """As `TransformerEncoderLayer`, with a second attention: to the `memory` of an encoder."""

    __doc__ = f"{__doc__}\n{(TransformerEncoderLayer.__doc__ or '').partition('stays.')[2]}"
    _example = ("TransformerDecoderLayer(64, 4, 256, batch_first=True)", "20x64 10x64")
    _attentions = ("self_attn", "multihead_attn")

    def __setstate__(self, state: dict[str, Any]) -> None:
        # torch's does not find an activation that is a module, so that a copy computes with relu
        # instead.
        self.__dict__.update(state)
        self.__dict__.setdefault("activation", F.relu)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """Decode ``(T, N, d_model)``, whose shape stays, with a memory ``(S, N, d_model)``.

        With `batch_first` N is first; an unbatched sequence has none.
        """
        self._check_features("tgt", tgt)
        self._check_features("memory", memory)

        def of_itself(x: Tensor) -> Any:
            return self._sa_block(x, tgt_mask, tgt_key_padding_mask, tgt_is_causal)

        def of_memory(x: Tensor) -> Any:
            return self._mha_block(
                x, memory, memory_mask, memory_key_padding_mask, memory_is_causal
            )

        return self._add(self._add(self._add(tgt, of_itself, 1), of_memory, 2), self._ff_block, 3)

    def _mha_block(
        self,
        x: Tensor,
        mem: Tensor,
        attn_mask: Tensor | None,
        key_padding_mask: Tensor | None,
        is_causal: bool = False,
    ) -> Any:
        attended = _attended(self.multihead_attn, x, mem, attn_mask, key_padding_mask, is_causal)
        return self.dropout2(attended)


def _attended(
    attention: Module,
    x: Tensor,
    to: Tensor,
    mask: Tensor | None,
    padding: Tensor | None,
    is_causal: bool,
) -> Any:
    return attention(
        x, to, to, attn_mask=mask, key_padding_mask=padding, need_weights=False, is_causal=is_causal
    )[0]


class _Stack(Layer):
    _is_container = True

    def _copy(self, layer: Module, num_layers: int, norm: Module | None) -> None:
        if not isinstance(layer, Module | None) or not isinstance(num_layers, int):
            raise ShapeError(
                f"needs a layer and a number of copies, but receives {layer!r} and {num_layers!r}"
            )
        if num_layers > _MOST_LAYERS:
            raise UnknownOperation(f"num_layers={num_layers} is more than convshape keeps")
        self.layers = _get_clones(layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def _causal(self, x: Tensor, mask: Tensor | None, is_causal: bool | None) -> bool:
        """Return whether a mask counts as the causal one: else torch compares the two.

        Of more than one element they are taken to differ, which only allows the mask fewer dtypes.
        """
        if not self.layers:
            raise ShapeError("has no layers", change={"num_layers": 1})
        if not hasattr(self.layers[0], "self_attn"):
            raise ShapeError(
                f"needs layers with a self_attn, but has {type(self.layers[0]).__name__}"
            )
        if is_causal is not None or mask is None:
            return is_causal is True
        batch_first = self.layers[0].self_attn.batch_first
        length = x.shape[1 if batch_first and x.ndim == 3 else 0]
        return length < 2 and mask.shape == (length, length)

    def _normalised(self, x: Tensor) -> Tensor:
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """`num_layers` copies of an encoder layer, one after the other, then `norm`: the shape stays.

    Raises:
        ShapeError: as `TransformerEncoderLayer`; or there are no layers.
    """

    _example = (
        "TransformerEncoder(TransformerEncoderLayer(64, 4, 256, batch_first=True), 2)",
        "10x64",
    )
    encoder_layer: Module
    num_layers: int
    norm: Any = None
    enable_nested_tensor: bool = True
    mask_check: bool = True

    def _assemble(self, encoder_layer: Module, num_layers: int, norm: Module | None) -> None:
        self._copy(encoder_layer, num_layers, norm)

    def forward(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """Encode ``(L, N, d_model)``, by `batch_first` ``(N, L, d_model)``, or ``(L, d_model)``."""
        kind = tensor("src", src).dtype
        padding = F.additive_mask("src_key_padding_mask", src_key_padding_mask, kind)
        mask = F.additive_mask("mask", mask, kind)
        causal = self._causal(src, mask, is_causal)
        for layer in self.layers:
            src = layer(src, src_mask=mask, is_causal=causal, src_key_padding_mask=padding)
        return self._normalised(src)


class TransformerDecoder(_Stack):
    """`num_layers` copies of a decoder layer, one after the other, then `norm`: the shape stays.

    Raises:
        ShapeError: as `TransformerDecoderLayer`; or there are no layers.
    """

    _example = (
        "TransformerDecoder(TransformerDecoderLayer(64, 4, 256, batch_first=True), 2)",
        "20x64 10x64",
    )
    decoder_layer: Module
    num_layers: int
    norm: Any = None

    def _assemble(self, decoder_layer: Module, num_layers: int, norm: Module | None) -> None:
        self._copy(decoder_layer, num_layers, norm)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Decode ``(T, N, d_model)``, whose shape stays, with a memory ``(S, N, d_model)``.

        With `batch_first` N is first; an unbatched sequence has none.
        """
        causal = self._causal(tensor("tgt", tgt), tgt_mask, tgt_is_causal)
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=causal,
                memory_is_causal=memory_is_causal,
            )
        return self._normalised(tgt)


class Transformer(_Composed):
    """An encoder and a decoder: ``(S, N, d_model)`` and ``(T, N, d_model)`` to the latter.

    Args:
        d_model: features of the sequences.
        nhead: how many heads attend.
        num_encoder_layers: how many layers the encoder has.
        num_decoder_layers: how many layers the decoder has.
        dim_feedforward: features between the two linear layers of each.
        dropout: the probability with which an element is zeroed while training.
        activation: between the two linear layers: ``"relu"``, ``"gelu"`` or a function of a tensor.
        custom_encoder: takes the place of the encoder.
        custom_decoder: takes the place of the decoder.
        layer_norm_eps: added to the variances.
        batch_first: whether batches are ``(N, L, d_model)`` instead of ``(L, N, d_model)``.
        norm_first: whether the input of each part is normalised, instead of the sum.
        bias: whether linear layers and normalisations add one.

    Raises:
        ShapeError: `d_model` is not divisible by `nhead`, or an argument has no allowed value; when
            called: the sequences differ in batch or do not have `d_model` features, or a mask has
            another shape.
    """

    _kept = ("d_model", "nhead", "batch_first")
    _example = ("Transformer(64, 4, 2, 2, 256, batch_first=True)", "10x64 20x64")
    d_model: int = 512
    nhead: int = 8
    num_encoder_layers: int = 6
    num_decoder_layers: int = 6
    dim_feedforward: int = 2048
    dropout: float = 0.1
    activation: Any = F.relu
    custom_encoder: Any = None
    custom_decoder: Any = None
    layer_norm_eps: float = 1e-5
    batch_first: bool = False
    norm_first: bool = False
    bias: bool = True
    device: object = None
    dtype: dtypes.dtype | None = None

    def _compose(self, arguments: dict[str, Any], dtype: dtypes.dtype | None) -> None:
        kept = {name: getattr(self, name) for name in self._kept}
        shared = {name: arguments[name] for name in TransformerEncoderLayer._fields[2:6]}
        shared |= kept | {"norm_first": arguments["norm_first"], "bias": arguments["bias"]}
        for name, stack, layer in (
            ("encoder", TransformerEncoder, TransformerEncoderLayer),
            ("decoder", TransformerDecoder, TransformerDecoderLayer),
        ):
            coder = arguments[f"custom_{name}"]
            if coder is None:
                eps, bias = shared["layer_norm_eps"], shared["bias"]
                norm = LayerNorm(self.d_model, eps, bias=bias, dtype=dtype)
                count = arguments[f"num_{name}_layers"]
                coder = stack(layer(**shared, dtype=dtype), count, norm)
            setattr(self, name, coder)
        self._reset_parameters()

    _reset_parameters = Module._nothing

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """Encode ``(S, N, d_model)``, and with it decode ``(T, N, d_model)``, whose shape stays.

        With `batch_first` N is first; unbatched sequences have none.
        """
        for name, sequence in (("src", src), ("tgt", tgt)):
            if tensor(name, sequence).ndim < 2 or sequence.shape[-1] != self.d_model:
                raise ShapeError(
                    f"expects d_model={self.d_model} features in {name}, "
                    f"but receives {shape(sequence.shape)}",
                    change={"d_model": sequence.shape[-1]} if sequence.shape else None,
                )
        axis = 0 if self.batch_first else 1
        if src.ndim == 3 and src.shape[axis] != tgt.shape[axis]:
            raise ShapeError(
                f"has batches of {src.shape[axis]} in src and {tgt.shape[axis]} in tgt: "
                f"{shape(src.shape)} and {shape(tgt.shape)}",
                change={"batch_first": not self.batch_first},
            )
        for name, stack in (("encoder", self.encoder), ("decoder", self.decoder)):
            if not callable(stack):
                raise ShapeError(f"needs a module as custom_{name}, but has {stack!r}")
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(
        sz: int, device: object = None, dtype: dtypes.dtype | None = None
    ) -> Any:
        """Return the mask ``(sz, sz)`` with which no element attends to later ones."""
        return triu(full((sz, sz), float("-inf"), dtype=dtype or dtypes.float32), diagonal=1)
