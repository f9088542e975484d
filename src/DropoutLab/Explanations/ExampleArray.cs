namespace DropoutLab.Explanations;

/// <summary>The arrays of an example that are drawn, each from numbers of its own.</summary>
internal enum ExampleArray
{
    Images,
    Labels,
    Weight,
    Bias,
    HiddenImages,
    HiddenWeight,
    HiddenBias,
    OutputWeight,
    OutputBias,
}
