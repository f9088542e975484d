using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Graph;

public sealed class DifferentiationTests
{
    private static readonly Value Labels = Input("labels", new Shape(2), ElementKind.Label);

    [Fact]
    public void TheGradientReadsAndReachesTheBackwardViewOnly()
    {
        Value weight = Parameter(new("w", new Shape(4, 3), 1)), below = Parameter(new("v", new Shape(3, 5), 1));
        Value h = LinearMap(Input("x", new Shape(2, 5)), below, null);
        Value forward = Relu(h), backward = Add(h, h);
        Differentiation differentiation = new(SoftmaxCrossEntropy(LinearMap(TwoPass(forward, backward), weight, null), Labels));

        Assert.Same(backward, differentiation.Of(weight)!.Inputs[0]);
        Assert.NotNull(differentiation.Of(backward));
        Assert.Null(differentiation.Of(forward));
    }

    [Fact]
    public void AReluBehindTwoViewsReadsTheBackwardOne()
    {
        Value weight = Parameter(new("w", new Shape(4, 3), 1));
        Value h = LinearMap(Input("x", new Shape(2, 3)), Parameter(new("v", new Shape(3, 3), 1)), null);
        Value other = Add(h, h);
        Differentiation differentiation = new(SoftmaxCrossEntropy(LinearMap(Relu(TwoPass(h, other)), weight, null), Labels));
        Value gradient = differentiation.Of(other)!;
        Assert.IsType<ReluGradient>(gradient.Operator);
        Assert.Same(other, gradient.Inputs[1]);
    }

    [Fact]
    public void ReshapingKeepsBothViews()
    {
        Value a = Input("a", new Shape(2, 2, 2, 3)), b = Input("b", new Shape(2, 2, 2, 3));
        Value flat = Flatten(TwoPass(a, b));
        Assert.IsType<TwoPass>(flat.Operator);
        Assert.Equal(new Shape(2, 12), flat.Shape);
        Assert.Same(b, Differentiation.BackwardView(flat).Inputs[0]);
    }

    [Fact]
    public void NobodyPaysForTheInputsGradient()
    {
        Value images = Input("x", new Shape(2, 5));
        Differentiation differentiation = new(
            SoftmaxCrossEntropy(LinearMap(images, Parameter(new("w", new Shape(3, 5), 1)), null), Labels));
        Assert.Null(differentiation.Of(images));
    }
}
