using DropoutLab.Experiments;

namespace DropoutLab.Tests.Experiments;

/// <summary>What a run's process writes is what the sweep's reads.</summary>
public sealed class RunReportTests
{
    [Fact]
    public void ALineIsReadBack()
    {
        RunReport report = new(3, 17, 500, Loss: 1.25, Accuracy: 0.5, ImagesPerSecond: 1234.5, SecondsLeft: 60.75);

        Assert.Equal(
            """{"completed_epochs":3,"step":17,"step_count":500,"loss":1.25,"accuracy":0.5"""
                + ""","images_per_second":1234.5,"seconds_left":60.75}""",
            report.Line());
        Assert.Equal(report, RunReport.Parse(report.Line()));
    }

    [Fact]
    public void WhatIsNotKnownYetIsLeftOut()
    {
        RunReport report = new(0, 1, 500);

        Assert.Equal("""{"completed_epochs":0,"step":1,"step_count":500}""", report.Line());
        Assert.Equal(report, RunReport.Parse(report.Line()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"completed_epochs":0,"step":1""")]
    [InlineData("epoch 1 of 3")]
    public void AnyOtherTextIsNoReport(string line) => Assert.Null(RunReport.Parse(line));
}
