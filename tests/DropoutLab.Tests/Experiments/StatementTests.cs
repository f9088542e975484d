using DropoutLab.Experiments.Statistics;

namespace DropoutLab.Tests.Experiments;

public sealed class StatementTests
{
    [Theory]
    [InlineData(Relation.Above, 0.001, 0.002, Verdict.Supported)]
    [InlineData(Relation.Above, -0.001, 0.002, Verdict.Undecided)]
    [InlineData(Relation.Above, -0.002, -0.001, Verdict.Refuted)]
    [InlineData(Relation.Below, -0.002, -0.001, Verdict.Supported)]
    [InlineData(Relation.Below, -0.002, 0, Verdict.Undecided)]
    [InlineData(Relation.Below, 0.001, 0.002, Verdict.Refuted)]
    [InlineData(Relation.Near, -0.005, 0.004, Verdict.Supported)]
    [InlineData(Relation.Near, 0.001, 0.004, Verdict.Supported)]
    [InlineData(Relation.Near, -0.006, 0.004, Verdict.Undecided)]
    [InlineData(Relation.Near, 0.006, 0.007, Verdict.Refuted)]
    [InlineData(Relation.Near, -0.008, -0.006, Verdict.Refuted)]
    [InlineData(Relation.NotAbove, -0.02, -0.01, Verdict.Supported)]
    [InlineData(Relation.NotAbove, -0.02, 0.004, Verdict.Supported)]
    [InlineData(Relation.NotAbove, -0.02, 0.006, Verdict.Undecided)]
    [InlineData(Relation.NotAbove, 0.001, 0.002, Verdict.Refuted)]
    public void AnIntervalDecides(Relation relation, double low, double high, Verdict verdict) =>
        Assert.Equal(verdict, Statement.Decide(relation, new Estimate(5, (low + high) / 2, 1, low, high), margin: 0.005));

    [Fact]
    public void WithoutAnIntervalNothingIsDecided() =>
        Assert.All(Enum.GetValues<Relation>(),
            relation => Assert.Equal(Verdict.Undecided, Statement.Decide(relation, Estimate.Of(0.3), margin: 0.005)));
}
