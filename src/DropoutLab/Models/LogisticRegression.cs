using DropoutLab.Graph;
using DropoutLab.Layers;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Models;

/// <summary>
/// Multinomial logistic regression: one linear layer, fc, from the pixels to the logits, weights and biases 0 at the start. Its
/// only dropout site is the network's own input.
/// </summary>
public static class LogisticRegression
{
    /// <summary>The network for data of a shape.</summary>
    /// <param name="input">A datum: an image, or features.</param>
    /// <param name="outputCount">The logits.</param>
    public static Network Create(Shape input, int outputCount) =>
        new("logistic-regression", input, outputCount, (builder, images) =>
            new Linear("fc", outputCount) { WeightStandardDeviation = 0 }.Apply(builder, Flatten(images)));
}
