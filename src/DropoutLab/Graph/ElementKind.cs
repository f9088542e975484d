namespace DropoutLab.Graph;

/// <summary>What the elements of a value are; a plan's precision decides how many bits store them.</summary>
public enum ElementKind
{
    /// <summary>An activation or an error signal, in the plan's precision.</summary>
    Activation,

    /// <summary>A parameter, its gradient, or a loss: 32 bits, or 64 where the plan computes in 64.</summary>
    Accumulator,

    /// <summary>A mask, one bit an element, 1 meaning keep.</summary>
    Bit,

    /// <summary>A small non-negative number, such as the place of a maximum within its window.</summary>
    Index,

    /// <summary>A class label, 32 bits.</summary>
    Label,
}
