using DropoutLab.Auditing;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Auditing;

/// <summary>Made-up minibatches and parameters are a function of the seed, and nothing in them is degenerate.</summary>
public sealed class MadeUpInputTests
{
    private static readonly Network Network = LogisticRegression.Create(new ImageShape(32, 32, 3), 10);

    [Fact]
    public void ADatumDependsOnTheSeedAndItsPlaceAlone()
    {
        StepInput three = MadeUpInput.Minibatch(Network, 3, seed: 8, step: 1);
        StepInput five = MadeUpInput.Minibatch(Network, 5, seed: 8, step: 2);

        Assert.Equal((8UL, 1U), (three.Seed, three.Step));
        Assert.Equal(three.Images, five.Images[..three.Images.Length]);
        Assert.Equal(three.Labels, five.Labels[..3]);
        Assert.NotEqual(three.Images, MadeUpInput.Minibatch(Network, 3, seed: 9).Images);
    }

    [Fact]
    public void ImagesAreUniformNumbersThat32BitsHold()
    {
        double[] images = MadeUpInput.Minibatch(Network, 32, seed: 1).Images;

        Assert.All(images, value => Assert.True(value is >= -1 and < 1 && (float)value == value));
        // Five standard deviations: 1/√(3n) of the mean, √(4/45n) of the mean square.
        Assert.InRange(Math.Abs(images.Average()), 0, 5 / Math.Sqrt(3.0 * images.Length));
        Assert.InRange(Math.Abs(images.Average(value => value * value) - 1.0 / 3), 0, 5 * Math.Sqrt(4 / (45.0 * images.Length)));
        Assert.InRange(images.Distinct().Count(), images.Length - images.Length / 100, images.Length);
    }

    [Fact]
    public void EveryLabelComesOut() =>
        Assert.Equal(Enumerable.Range(0, 10), MadeUpInput.Minibatch(Network, 200, seed: 1).Labels.Distinct().Order());

    [Fact]
    public void NoParameterIsZero()
    {
        IReadOnlyDictionary<string, double[]> parameters = MadeUpInput.Parameters(SmallNetworks.Convolutional, seed: 3);

        Assert.Equal(SmallNetworks.Convolutional.Parameters.Select(parameter => parameter.Name).Order(), parameters.Keys.Order());
        Assert.All(parameters.Values, values => Assert.DoesNotContain(0.0, values));
    }
}
