using DropoutLab.Classification;

namespace DropoutLab.Tests.Training;

public sealed class ReliabilityDiagramTests
{
    /// <summary>
    /// Bin 9, (8/15, 9/15]: confidences 0.55 (right) and 0.6 (wrong), |1 − 1.15|; bin 10: 0.61 (right), |1 − 0.61|;
    /// bin 15: 0.95 and 1 (both right), |2 − 1.95|. The sum over 5: (0.15 + 0.39 + 0.05) / 5.
    /// </summary>
    [Fact]
    public void TheErrorIsThatOfTheSumByHand()
    {
        ReliabilityDiagram diagram = new();
        diagram.Add([0.55, 0.45], 0);
        diagram.Add([0.6, 0.4], 1);
        diagram.Add([0.39, 0.61], 1);
        diagram.Add([0.95, 0.05], 0);
        diagram.Add([0, 1], 1);

        Assert.Equal(0.118, diagram.ExpectedCalibrationError, 1e-15);
        Assert.Equal((5, 0.8), (diagram.Count, diagram.Accuracy));
    }

    /// <summary>In one bin, an error of one prediction would make up for that of the other; in two, they add up.</summary>
    [Theory]
    [InlineData(0.2, 0.21, (0.8 + 0.21) / 2)]
    [InlineData(0.2, 0.19, (1 - 0.39) / 2)]
    public void ABinEndsWithItsUpperEdge(double right, double wrong, double expected)
    {
        ReliabilityDiagram diagram = new();
        diagram.Add([right, .. Enumerable.Repeat((1 - right) / 9, 9)], 0);
        diagram.Add([wrong, .. Enumerable.Repeat((1 - wrong) / 9, 9)], 1);

        Assert.Equal(expected, diagram.ExpectedCalibrationError, 1e-15);
    }

    [Fact]
    public void OfEqualProbabilitiesTheFirstIsPredicted()
    {
        ReliabilityDiagram diagram = new();
        diagram.Add([0.2, 0.4, 0.4], 1);
        diagram.Add([0.2, 0.4, 0.4], 2);

        Assert.Equal(0.5, diagram.Accuracy);
    }
}
