namespace DropoutLab.Dashboard.Explain;

/// <summary>What a matrix holds, which its colour repeats.</summary>
public enum MatrixTint
{
    /// <summary>Features: blue, as in the answer's illustration.</summary>
    Feature,

    /// <summary>Weights: red, as in the answer's illustration.</summary>
    Weight,

    /// <summary>Gradients of weights.</summary>
    Gradient,

    /// <summary>What comes back from above.</summary>
    Signal,

    /// <summary>Masks.</summary>
    Mask,
}
