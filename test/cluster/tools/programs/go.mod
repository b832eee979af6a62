module loomvideo.test/cluster/tools/programs

go 1.22
