using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Sentences;

/// <summary>
/// The gradient of the encoder under both objectives. Where the two passes see the same masks it is the slope of J with those
/// masks fixed, through embeddings, norms, attention with padding, GELU, pooling and both heads at once.
/// </summary>
public sealed class SentenceGradientTests
{
    [Theory]
    [InlineData("simcse", "none")]
    [InlineData("simcse", "standard:0.3")]
    [InlineData("simcse-cls", "standard:0.3")]
    [InlineData("masked-tokens", "none")]
    [InlineData("masked-tokens", "standard:0.3")]
    public void GradientIsTheSlopeOfTheLoss(string objective, string rule)
    {
        using ReferenceBackend backend = new(1);
        using SentenceStep step = new(
            backend, Precision.Float64, objective, new DropoutSettings(DropoutRule.Parse(rule)), [7, 3, 1, 5, 2, 2]);
        SentenceStep.Randomise(step.Store, seed: 11);
        foreach ((string name, double[] gradient) in step.Gradients())
        {
            double[] values = step.Store.Read(name, ParameterArray.Value), slopes = new double[values.Length];
            for (int i = 0; i < values.Length; i++)
                slopes[i] = (LossAt(i, 1e-5) - LossAt(i, -1e-5)) / 2e-5;
            step.Store.Write(name, ParameterArray.Value, values);
            // A key's bias moves all of a query's scores alike: its gradient is 0, and a ratio of noise says nothing.
            double distance = name.EndsWith("key.bias", StringComparison.Ordinal) ? Distance(slopes, gradient)
                : TestBackends.RelativeDistance(slopes, gradient);
            Assert.InRange(distance, 0, 1e-7);

            double LossAt(int i, double difference)
            {
                double[] moved = [.. values];
                moved[i] += difference;
                step.Store.Write(name, ParameterArray.Value, moved);
                step.Plan.Run(seed: 5, step: 2);
                return step.Plan.Loss;
            }
        }
    }

    private static double Distance(double[] one, double[] other) => Math.Sqrt(one.Zip(other, (a, b) => (a - b) * (a - b)).Sum());
}
