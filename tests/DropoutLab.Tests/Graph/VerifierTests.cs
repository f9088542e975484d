using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Tests.Definitions;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Graph;

public sealed class VerifierTests
{
    private static readonly Value X = Input("x", new Shape(2, 3)), Y = Input("y", new Shape(2, 3));

    [Fact]
    public void ATwoPassThatNothingDifferentiatesThroughIsRefused()
    {
        Value labels = Input("labels", new Shape(2), ElementKind.Label);
        Assert.Contains("TwoPass",
            Assert.Throws<InvalidOperationException>(() => Verifier.Check([CorrectCount(TwoPass(X, Y), labels)])).Message);
        Assert.Contains("TwoPass", Assert.Throws<InvalidOperationException>(() => Verifier.Check([TwoPass(X, Y)])).Message);
        Verifier.Check([Relu(TwoPass(X, Y))]);
    }

    [Fact]
    public void TwoParametersOfOneNameAreRefused()
    {
        Value a = Parameter(new("w", new Shape(4, 3), 1)), b = Parameter(new("w", new Shape(4, 3), 2));
        DropoutLabException error = Assert.Throws<DropoutLabException>(
            () => Verifier.Check([LinearMap(X, a, null), LinearMap(X, b, null)]));
        Assert.Contains(" w;", error.Message);
    }

    /// <summary>Each would have a gradient, and the parameter one place for both.</summary>
    [Fact]
    public void OneParameterThatIsThereTwiceIsRefused()
    {
        Value a = Parameter(new("w", new Shape(4, 3), 1)), b = Parameter(new("w", new Shape(4, 3), 1));
        DropoutLabException error = Assert.Throws<DropoutLabException>(
            () => Verifier.Check([LinearMap(X, a, null), LinearMap(X, b, null)]));
        Assert.Contains("the parameter w is there twice", error.Message);
    }

    [Fact]
    public void ParametersOfWhichOnlyTheSumIsUsedAreNotTrainedBoth()
    {
        Value a = Parameter(new("a", new Shape(4, 3), 1)), b = Parameter(new("b", new Shape(4, 3), 1));
        Value loss = SoftmaxCrossEntropy(LinearMap(X, Add(a, b), null), Input("labels", new Shape(2), ElementKind.Label));
        using ParameterStore store = new(
            [new Parameter("a", new Shape(4, 3), 1), new Parameter("b", new Shape(4, 3), 1)], Precision.Float32);
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => PlanRequest.Train(loss, [], store));
        Assert.Contains("only their sum is used", error.Message);
    }

    /// <summary>A change is trained on top of weights that stay what they are.</summary>
    [Fact]
    public void WhatIsNotTrainedHasNoGradient()
    {
        Parameter still = new("still", new Shape(4, 3), 1, IsTrained: false), change = new("change", new Shape(4, 3), 1);
        Value loss = SoftmaxCrossEntropy(
            LinearMap(X, Add(Parameter(still), Parameter(change)), null), Input("labels", new Shape(2), ElementKind.Label));
        using ParameterStore store = new([still, change], Precision.Float32);

        Assert.Equal([change], PlanRequest.Train(loss, [], store).Gradients.Values);
    }

    /// <summary>Kernels write as much as the value has, into the place that the parameter has.</summary>
    [Fact]
    public void AGradientOfAnotherShapeIsRefused()
    {
        Parameter weight = new("w", new Shape(4, 3), 1), bias = new("b", new Shape(4), 0);
        Value w = Parameter(weight),
            loss = SoftmaxCrossEntropy(LinearMap(X, w, Parameter(bias)), Input("labels", new Shape(2), ElementKind.Label));
        using ParameterStore store = new([weight, bias], Precision.Float32);
        PlanRequest request = new([loss], new Dictionary<Value, Parameter> { [new Differentiation(loss).Of(w)!] = bias }, store);
        using Backend backend = TestBackends.Reference();

        Assert.Contains("[4, 3] cannot be kept for b of shape [4]",
            Assert.Throws<DropoutLabException>(() => backend.Compile(request, Precision.Float32)).Message);
    }

    [Fact]
    public void OnlyNumbersAreAdded()
    {
        MaskSource mask = new(0, 0, 0.5, MaskSharing.PerDatum);
        Value labels = Input("labels", new Shape(2), ElementKind.Label);
        Assert.Throws<DropoutLabException>(() => Add(DrawMask(mask, X.Shape), DrawMask(mask with { Which = 1 }, X.Shape)));
        Assert.Throws<DropoutLabException>(() => Add(labels, labels));
    }

    [Fact]
    public void AMaskThatNothingDrawsIsRefused()
    {
        Value mask = Input("mask", new Shape(2, 3), ElementKind.Bit);
        Assert.Contains("DrawMask", Assert.Throws<DropoutLabException>(() => Masked(X, mask)).Message);
    }

    [Fact]
    public void ShapesThatDoNotFitAreNamed()
    {
        AssertNames(["[2, 3]", "[4, 5]"], () => LinearMap(X, Parameter(new("w", new Shape(4, 5), 1)), null));
        AssertNames(["[2, 3]", "[3, 2]"], () => TwoPass(X, Input("z", new Shape(3, 2))));
        AssertNames(
            ["[2, 3]", "[2, 4]"], () => Masked(X, DrawMask(new MaskSource(0, 0, 0.5, MaskSharing.PerDatum), new Shape(2, 4))));
        AssertNames(["[1, 5, 5, 3]", "[8, 4, 3, 3]"], () => Convolution(
            Input("image", new Shape(1, 5, 5, 3)), Parameter(new("w", new Shape(8, 4, 3, 3), 1)), null, 1, 1));
        AssertNames(["[2, 3]", "[2, 4]"], () => Reshape(X, new Shape(2, 4)));
        AssertNames(["0"], () => new Shape(2, 0));
        Value image = Input("image", new Shape(1, 5, 5, 3));
        AssertNames(["window of 2 every 0"], () => MaxPool(image, 2, 0));
        AssertNames(["window of 0 every 1"], () => AveragePool(image, 0, 1));
        AssertNames(["stride of 0"], () => Subsample(image, 0, 3));
        AssertNames(["[2]", "[3]", "labels"], () => CorrectCount(X, Input("labels", new Shape(3), ElementKind.Label)));
        AssertNames(["[N, …, C]", "[5]"], () => BatchMean(Input("numbers", new Shape(5))));
    }

    private static void AssertNames(string[] parts, Func<object> make)
    {
        string message = Assert.Throws<DropoutLabException>(make).Message;
        Assert.All(parts, part => Assert.Contains(part, message));
        Assert.DoesNotContain('\n', message);
    }
}
