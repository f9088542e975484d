using DropoutLab.Dropout;
using DropoutLab.Experiments.Statistics;
using Method = DropoutLab.Dashboard.Report.Method;

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

    /// <summary>A member that somebody adds, and no line for it, is not taken for another.</summary>
    [Fact]
    public void WhatIsNoMemberIsNotTakenForAnother()
    {
        Estimate difference = new(5, 0.1, 1, 0, 0.2);
        Action[] unknown =
        [
            () => Statement.Decide((Relation)99, difference, margin: 0.005), () => ((Measure)99).Words(),
            () => ((Measure)99).Of(MadeUpEpoch.Of(1, 2, 2, 0.5, 100, 0.001, 3)), () => Method.SignOf((DropoutKind)99),
            () => Method.StyleOf((DropoutKind)99, 0),
        ];

        Assert.All(unknown, action => Assert.Throws<ArgumentOutOfRangeException>(action));
    }

    [Fact]
    public void WithoutAnIntervalNothingIsDecided() =>
        Assert.All(Enum.GetValues<Relation>(),
            relation => Assert.Equal(Verdict.Undecided, Statement.Decide(relation, Estimate.Of(0.3), margin: 0.005)));
}
