namespace DropoutLab.Dropout;

/// <summary>Which of its two passes a weight layer sees dropped; see <see cref="DropoutRule"/>.</summary>
public enum DropoutKind
{
    /// <summary>No dropout.</summary>
    None,

    /// <summary>The same mask in both passes.</summary>
    Standard,

    /// <summary>A mask in the forward pass alone.</summary>
    Forward,

    /// <summary>A mask in the backward pass alone.</summary>
    Backward,

    /// <summary>A mask in both passes, and a second one on top of it in the backward pass.</summary>
    Augmented,

    /// <summary>A mask in the forward pass and another, independent one in the backward pass.</summary>
    AugmentedIndependent,
}
