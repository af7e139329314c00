"""The base of every layer: registration, naming, hooks and the printed form, as torch has them."""

from __future__ import annotations

import sys
from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from .... import clock
from ....errors import ShapeError
from ....user_frames import shown
from ... import dtypes, hooks, known_values
from ...arguments import shape
from ...tensor import Tensor
from ...tensor_attributes import device, preserve_format
from ..parameter import Buffer, Parameter, is_lazy

_VOCABULARY = __name__.partition(".nn.")[0]
_handles = count()
#: What a module has from when somebody asks for it: most have few of these, and a network has many
#: modules.
_LATER: dict[str, Callable[[], Any]] = {
    "_parameters": dict,
    "_buffers": dict,
    "_modules": dict,
    "_non_persistent_buffers_set": set,
    "_forward_pre_hooks": dict,
    "_forward_hooks": dict,
}


class RemovableHandle:
    """What registering a hook returns: `remove` takes the hook back."""

    def __init__(self, hooks: dict[int, Any]) -> None:
        self.id = next(_handles)
        self._hooks = hooks

    def remove(self) -> None:
        """Take the hook back; a second time does nothing."""
        self._hooks.pop(self.id, None)


#: What `Module.load_state_dict` returns.
IncompatibleKeys = namedtuple("IncompatibleKeys", ("missing_keys", "unexpected_keys"))


def _load(name: str, member: Tensor, value: Tensor, assign: bool) -> None:
    """Put a value into a parameter or buffer, or in its place."""
    if value.shape != member.shape and (member.shape or value.ndim != 1):
        raise ShapeError(
            f"load_state_dict receives {shape(value.shape)} for {name!r}, which is "
            f"{shape(member.shape)}"
        )
    if assign:
        member.data = value
    known_values.forget(member)


class Module:
    """A layer or a network of layers: subclass it, assign its parts to it, define `forward`."""

    dump_patches = False
    call_super_init = False
    _version = 1
    #: Of a user's own class in a source file: the line of the call that made it, and its arguments.
    _made_by: tuple[str, dict[str, Any]] = ("", {})
    _made_at = ""  # where a source file makes it: `hooks.line` said so

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _non_persistent_buffers_set: set[str]
    _forward_pre_hooks: dict[int, tuple[Callable[..., Any], bool]]
    _forward_hooks: dict[int, tuple[Callable[..., Any], bool]]
    #: Whether its class is the vocabulary's own.
    _is_layer = True
    #: The constructor arguments of a layer that it does not keep under their own names.
    _arguments: Mapping[str, Any] = {}
    #: Whether it is printed by its name alone: its arguments are its modules.
    _is_container = False
    #: Whether its modules run when it does, instead of lending it their parameters.
    _runs_modules = True
    #: Of a layer that calls no operation with them: the kinds of its multiply-accumulates, and of
    #: its reading.
    _macs = _field = ""
    #: The class that makes it, where it has become one of another name.
    _made_as = ""
    #: The call as the file writes it that it comes from, where that is not in torch's vocabulary.
    _written = ""
    #: Whether its row is shown only with those of all operations.
    _folded = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._is_layer = cls.__module__.startswith(_VOCABULARY)
        if cls._is_layer:
            _say_types(cls)
            if cls.__doc__ is None:  # MaxPool2d is described where all poolings are
                cls.__doc__ = cls.__bases__[0].__doc__

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if (args or kwargs) and not self.call_super_init:
            extra = (
                f"keyword argument {next(iter(kwargs))!r}" if kwargs else f"{len(args)} arguments"
            )
            raise TypeError(
                f"{type(self).__name__}.__init__() hands {extra} on to Module, which takes none"
            )
        clock.check()
        attributes = self.__dict__
        attributes["training"] = True
        if hooks.line is not None:
            attributes["_made_at"] = hooks.line()
            if hooks.trails is not None:
                hooks.trails[self] = attributes["_trail"] = hooks.trail()  # copies have it too
            if not self._is_layer:
                attributes["_made_by"] = _constructor_call(self)
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    # Registration

    def __setattr__(self, name: str, value: Any) -> None:
        attributes = self.__dict__
        if isinstance(value, Parameter):
            self._free(name, "_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self._free(name, "_modules")
            self._members("_modules")[name] = value  # under any name: a method's, or with dots
        elif name in attributes.get("_parameters", ()):
            attributes["_parameters"][name] = _allowed(value, Parameter, f"parameter {name!r}")
        elif name in attributes.get("_modules", ()):
            attributes["_modules"][name] = _allowed(value, Module, f"child module {name!r}")
        elif isinstance(value, Buffer):
            self.register_buffer(name, value, value.persistent)
        elif name in attributes.get("_buffers", ()):
            attributes["_buffers"][name] = _allowed(value, Tensor, f"buffer {name!r}")
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        attributes = self.__dict__
        for registry in ("_parameters", "_buffers", "_modules"):
            members = attributes.get(registry)
            if members is not None and name in members:
                return members[name]
        if name in _LATER and "training" in attributes:
            return attributes.setdefault(name, _LATER[name]())
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for registry in (self._parameters, self._buffers, self._modules):
            if name in registry:
                del registry[name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def _free(self, name: str, kind: str) -> None:
        """Drop what else is called `name`, so that a member of another kind can be."""
        attributes = self.__dict__
        attributes.pop(name, None)
        for other in ("_parameters", "_buffers", "_modules"):
            if other != kind and other in attributes:
                attributes[other].pop(name, None)

    def _members(self, kind: str) -> dict[str, Any]:
        attributes = self.__dict__
        if "training" not in attributes:
            raise AttributeError(f"cannot assign {kind[1:]} before Module.__init__() call")
        members: dict[str, Any] = attributes[kind] if kind in attributes else getattr(self, kind)
        return members

    def _registry(self, kind: str, name: str) -> dict[str, Any]:
        registry, attributes = self._members(kind), self.__dict__
        if not isinstance(name, str):
            raise TypeError(f"{kind[1:-1]} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{kind[1:-1]} name can\'t contain ".", got: {name!r}')
        if not name:
            raise KeyError(f'{kind[1:-1]} name can\'t be empty string ""')
        if name not in registry and (
            name in attributes
            or name in _LATER
            or name in attributes.get("_parameters", ())
            or name in attributes.get("_buffers", ())
            or name in attributes.get("_modules", ())
            or (hasattr(type(self), name) and hasattr(self, name))
        ):
            raise KeyError(f"attribute {name!r} already exists")
        return registry

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or None to keep its place."""
        registry = self._registry("_parameters", name)
        registry[name] = _allowed(param, Parameter, f"parameter {name!r}", "required")

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that is not a parameter; `state_dict` has it if it is persistent."""
        registry = self._registry("_buffers", name)
        if hasattr(tensor, "_unknown"):  # a sparse tensor
            object.__setattr__(self, name, tensor)
            return
        registry[name] = _allowed(tensor, Tensor, f"buffer {name!r}", "required")
        if not persistent:
            self._non_persistent_buffers_set.add(name)
        elif "_non_persistent_buffers_set" in self.__dict__:
            self._non_persistent_buffers_set.discard(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a child module, or None to keep its place."""
        registry = self._registry("_modules", name)
        if module is not None and not isinstance(module, Module):
            text = type(module).__name__ if isinstance(module, (list, tuple)) else repr(module)
            raise TypeError(f"{text} is not a Module subclass")
        registry[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a child module, or None to keep its place."""
        self.add_module(name, module)

    # Walking

    def get_submodule(self, target: str) -> Module:
        """Return the module below this one with this dotted name, ``""`` for itself.

        Raises:
            AttributeError: there is none.
        """
        module: Any = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module  # type: ignore[no-any-return]

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put `module` in place of the one with this dotted name, which `strict` wants there."""
        parent, _, name = target.rpartition(".")
        if not target:
            raise ValueError("Cannot set the submodule without a target name!")
        above = self.get_submodule(parent)
        if strict:
            self.get_submodule(target)
        if not isinstance(module, Module):
            raise ValueError(f"{module!r} is not an nn.Module")
        setattr(above, name, module)

    def get_parameter(self, target: str) -> Any:
        """Return the parameter with this dotted name."""
        return self._member(target, "_parameters", "is not an nn.Parameter")

    def get_buffer(self, target: str) -> Any:
        """Return the buffer with this dotted name."""
        return self._member(target, "_buffers", "is not a buffer")

    def _member(self, target: str, registry: str, otherwise: str) -> Any:
        parent, _, name = target.rpartition(".")
        module = self.get_submodule(parent)
        if not hasattr(module, name):
            raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
        if module.__dict__[registry].get(name) is None:
            raise AttributeError(f"`{name}` {otherwise}")
        return getattr(module, name)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the direct children with their names, each once."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        """Yield the direct children, each once."""
        return (module for _, module in self.named_children())

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield this module (name ``""``) and all below it, each once, parents first."""
        memo = set() if memo is None else memo
        pending: list[tuple[str, Module]] = [(prefix, self)]
        while pending:
            name, module = pending.pop()
            if module in memo:
                continue
            if remove_duplicate:
                memo.add(module)
            yield name, module
            below = module.__dict__.get("_modules")
            if below:
                stem = f"{name}." if name else ""
                named = [(stem + n, m) for n, m in below.items() if m is not None]
                pending.extend(reversed(named))

    def modules(self) -> Iterator[Module]:
        """Yield this module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def _named_members(
        self, registry: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        seen = set()
        modules = (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        )
        for path, module in modules:
            for name, member in module.__dict__.get(registry, {}).items():
                if member is None or id(member) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(member))
                yield f"{path}.{name}" if path else name, member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the parameters with their dotted names, each once."""
        return self._named_members("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers with their dotted names, each once."""
        return self._named_members("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def state_dict(
        self, destination: dict[str, Any] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """Return parameters and persistent buffers by dotted name, shared ones under each."""
        state: dict[str, Any] = OrderedDict() if destination is None else destination
        for name, member in (self._parameters | self._buffers).items():
            if member is not None and name not in self._non_persistent_buffers_set:
                state[prefix + name] = member if keep_vars or is_lazy(member) else member.data
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=state, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        return state

    def load_state_dict(self, state_dict: Any, strict: bool = True, assign: bool = False) -> Any:
        """Check that parameters and buffers of these names fit, and know their values no more.

        What a file holds is not known: nothing is asked of it.

        Raises:
            ShapeError: one has another shape, or with `strict` the names are not the same.
        """
        members = self.state_dict(keep_vars=True)
        state = state_dict if isinstance(state_dict, Mapping) else {}
        if not any(isinstance(value, Tensor) for value in state.values()):
            return IncompatibleKeys([], [])
        for name, value in state.items():
            if name in members and isinstance(value, Tensor) and not is_lazy(members[name]):
                _load(name, members[name], value, assign)
        counted = "num_batches_tracked"  # which torch before 0.4.1 did not have
        missing = [n for n in members if n not in state and n.rpartition(".")[2] != counted]
        unexpected = [n for n in state if n not in members]
        if strict and (missing or unexpected):
            names = ", ".join(map(repr, missing or unexpected))
            what = "misses" if missing else "does not know"
            raise ShapeError(f"load_state_dict {what} {names}", fix="strict=False")
        return IncompatibleKeys(missing, unexpected)

    # Changing all of a network

    def apply(self, fn: Callable[[Module], Any]) -> Module:
        """Call `fn` on every module below, children first, and on this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _cast(self, dtype: dtypes.dtype, kinds: tuple[int, ...] = (dtypes.FLOATING,)) -> Module:
        from ...ops.attributes import converted

        for module in self.modules():
            for registry in (module._parameters, module._buffers):
                for name, member in registry.items():
                    if member is None or member.dtype.kind not in kinds:
                        continue
                    if is_lazy(member):
                        member.dtype = dtype
                    elif isinstance(member, Parameter):  # it stays the same for whoever holds it
                        member.data = converted(member, dtype, preserve_format)
                    else:
                        module._buffers[name] = converted(member, dtype, preserve_format)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Module:
        """Convert what is floating-point to a dtype, and channels to a memory format."""
        for value in (*args, *map(kwargs.get, ("device", "dtype", "tensor"))):
            if isinstance(value, str):
                device(value)
            dtype = value.dtype if isinstance(value, Tensor) else value
            if isinstance(dtype, dtypes.dtype):
                if dtype.kind < dtypes.FLOATING:
                    raise TypeError(
                        f"nn.Module.to only accepts floating point or complex dtypes, not {dtype}"
                    )
                self._cast(dtype, (dtypes.FLOATING, dtypes.COMPLEX))
        memory_format = kwargs.get("memory_format")
        if memory_format is not None:
            for member in (*self.parameters(), *self.buffers()):
                if member.ndim in (4, 5):
                    member.memory = member.to(memory_format=memory_format).memory
        return self

    def half(self) -> Module:
        """Make float16 of what is floating-point."""
        return self._cast(dtypes.float16)

    def bfloat16(self) -> Module:
        """Make bfloat16 of what is floating-point."""
        return self._cast(dtypes.bfloat16)

    def float(self) -> Module:
        """Make float32 of what is floating-point."""
        return self._cast(dtypes.float32)

    def double(self) -> Module:
        """Make float64 of what is floating-point."""
        return self._cast(dtypes.float64)

    def type(self, dst_type: Any) -> Module:
        """Make `dst_type` of everything: a dtype, or a type such as ``torch.FloatTensor``."""
        return self._cast(
            dtypes.of_type(dst_type), (dtypes.BOOL, dtypes.INTEGER, dtypes.FLOATING, dtypes.COMPLEX)
        )

    def _same(self, *args: Any, **kwargs: Any) -> Module:
        """Return the module: where it is kept changes no shape."""
        return self

    cpu = cuda = xpu = ipu = mtia = to_empty = share_memory = _same

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Say whether training changes the parameters."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def _nothing(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: it is about gradients, compilation or stored values."""

    zero_grad = compile = set_extra_state = _nothing

    def _unused_hook(self, hook: Callable[..., Any], *args: Any, **kwargs: Any) -> RemovableHandle:
        """Take a hook for what never happens here: gradients, and loading or saving values."""
        return RemovableHandle({})

    register_backward_hook = register_full_backward_hook = register_full_backward_pre_hook = (
        _unused_hook
    )
    register_state_dict_pre_hook = register_state_dict_post_hook = _unused_hook
    register_load_state_dict_pre_hook = register_load_state_dict_post_hook = _unused_hook
    _register_state_dict_hook = _register_load_state_dict_pre_hook = _unused_hook

    def train(self, mode: bool = True) -> Module:
        """Put this module and all below it in training mode, or with False in evaluation mode."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Module:
        """Put this module and all below it in evaluation mode."""
        return self.train(False)

    # Calling

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass defines its own."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before `forward`; what it returns replaces the arguments."""
        return _register(self._forward_pre_hooks, (hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after `forward`; its result replaces the output."""
        return _register(self._forward_hooks, (hook, with_kwargs), prepend)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            watching = hooks.recorder
            if watching is None:
                return self._call(args, kwargs)
            return watching.call_module(self, args, kwargs)
        except ShapeError as error:
            if error.module is None:
                error.note(module=self, call=(args, kwargs))
                if is_layer(self) and not hooks.searching:
                    from .constructor import call_text

                    error.note(layer=call_text(self))
                    if hooks.recorder is None:  # nobody diagnoses the run
                        raise hooks.diagnose_layer(error) from None
            raise

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run `forward` between its hooks."""
        attributes = self.__dict__
        if "_forward_pre_hooks" not in attributes and "_forward_hooks" not in attributes:
            return self.forward(*args, **kwargs)
        for hook, with_kwargs in tuple(self._forward_pre_hooks.values()):
            changed = hook(self, args, kwargs) if with_kwargs else hook(self, args)
            if changed is not None and with_kwargs:
                args, kwargs = changed
            elif changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        result = self.forward(*args, **kwargs)
        for hook, with_kwargs in tuple(self._forward_hooks.values()):
            changed = hook(self, args, kwargs, result) if with_kwargs else hook(self, args, result)
            if changed is not None:
                result = changed
        return result

    # Printing

    def _get_name(self) -> str:
        return type(self).__name__

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self._parameters, *self._buffers, *self._modules})

    def extra_repr(self) -> str:
        """Return what the printed form says between the brackets."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        children = self._children_repr()
        if not children and "\n" not in extra:
            return f"{self._get_name()}({extra})"
        lines = [*extra.split("\n"), *children] if extra else children
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"

    def _children_repr(self) -> list[str]:
        return [f"({name}): {indented(repr(child))}" for name, child in self._modules.items()]


def _constructor_call(module: Module) -> tuple[str, dict[str, Any]]:
    """Return the line that makes a module of a user's class, and the arguments, if clear."""
    frame = sys._getframe(2)
    code = frame.f_code
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    caller = frame.f_back
    if code.co_name != "__init__" or code.co_flags & 0x0C or caller is None:
        return "", {}  # it has another constructor, or one that takes any arguments
    if any(name not in frame.f_locals for name in names):
        return "", {}
    file = shown(caller.f_code.co_filename)
    return f"{file}:{caller.f_lineno}" * bool(file), {n: frame.f_locals[n] for n in names}


def _allowed(value: Any, kind: type, member: str, how: str = "expected") -> Any:
    """Return the value of a member, which is None or of one kind."""
    if value is None or isinstance(value, kind):
        return value
    raise TypeError(f"cannot assign {value!r} as {member} ({kind.__name__} or None {how})")


def _register(
    hooks: dict[int, Any], hook: tuple[Callable[..., Any], bool], prepend: bool
) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    later = {**hooks}
    if prepend:
        hooks.clear()
    hooks[handle.id] = hook
    hooks.update(later)
    return handle


def indented(text: str) -> str:
    """Return `text` with the lines after its first moved in."""
    return text.replace("\n", "\n  ")


def _say_types(kind: type[Module]) -> None:
    """Let `typing.get_type_hints` read a class, whose annotations are for type checkers only."""
    kind.__annotations__ = dict.fromkeys(vars(kind).get("__annotations__", ()), Any)


_say_types(Module)


def is_layer(module: Module) -> bool:
    """Return whether `module` is one of the vocabulary's own classes, not a user's."""
    return module._is_layer
