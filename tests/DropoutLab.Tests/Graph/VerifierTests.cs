using DropoutLab.Dropout;
using DropoutLab.Graph;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Graph;

public sealed class VerifierTests
{
    private static readonly Value X = Input("x", new Shape(2, 3)), Y = Input("y", new Shape(2, 3));

    [Fact]
    public void ATwoPassThatNothingDifferentiatesThroughIsRefused()
    {
        Value labels = Input("labels", new Shape(2), ElementKind.Label);
        Assert.Contains("TwoPass", Assert.Throws<InvalidOperationException>(() => Verifier.Check([CorrectCount(TwoPass(X, Y), labels)])).Message);
        Assert.Contains("TwoPass", Assert.Throws<InvalidOperationException>(() => Verifier.Check([TwoPass(X, Y)])).Message);
        Verifier.Check([Relu(TwoPass(X, Y))]);
    }

    [Fact]
    public void TwoParametersOfOneNameAreRefused()
    {
        Value a = Parameter(new("w", new Shape(4, 3), 1)), b = Parameter(new("w", new Shape(4, 3), 2));
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => Verifier.Check([Linear(X, a, null), Linear(X, b, null)]));
        Assert.Contains(" w;", error.Message);
    }

    [Fact]
    public void ShapesThatDoNotFitAreNamed()
    {
        AssertNames(["[2, 3]", "[4, 5]"], () => Linear(X, Parameter(new("w", new Shape(4, 5), 1)), null));
        AssertNames(["[2, 3]", "[3, 2]"], () => TwoPass(X, Input("z", new Shape(3, 2))));
        AssertNames(["[2, 3]", "[2, 4]"], () => Masked(X, DrawMask(new MaskSource(0, 0, 0.5, MaskSharing.PerDatum), new Shape(2, 4))));
        AssertNames(["[1, 5, 5, 3]", "[8, 4, 3, 3]"], () => Convolution(
            Input("image", new Shape(1, 5, 5, 3)), Parameter(new("w", new Shape(8, 4, 3, 3), 1)), null, 1, 1));
        AssertNames(["[2, 3]", "[2, 4]"], () => Reshape(X, new Shape(2, 4)));
        AssertNames(["0"], () => new Shape(2, 0));
    }

    private static void AssertNames(string[] parts, Func<object> make)
    {
        string message = Assert.Throws<DropoutLabException>(make).Message;
        Assert.All(parts, part => Assert.Contains(part, message));
        Assert.DoesNotContain('\n', message);
    }
}
